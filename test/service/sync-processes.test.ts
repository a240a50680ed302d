import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

import { gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import {
  expectSame,
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject
} from '../support/team.ts'
import { collect } from '../support/workspaces.ts'

const SCRIPT = fileURLToPath(new URL('../support/put-and-push.ts', import.meta.url))
const CLONES = 8

describe('eight processes that put and push to one experiment', () => {
  let folder: string
  const members: Member[] = []
  beforeEach(() => {
    folder = makeTempFolder()
  })
  afterEach(async () => {
    for (const member of members.splice(0)) await member.close()
    removeTempFolder(folder)
  })

  const putAndPush = async (url: string, puts: number): Promise<void> => {
    const origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    const host = makeRemoteHost()
    const first = openMember(host)
    members.push(first)
    await startProject(first.workspace)
    await first.workspace.remotes.add('origin', url)
    await first.workspace.push()
    while (members.length < CLONES) {
      const member = openMember(host)
      members.push(member)
      await member.workspace.clone(url)
    }
    const outputs = await Promise.all(
      members.map(({ folder: home }, index) =>
        promisify(execFile)(
          process.execPath,
          ['--import', 'tsx', SCRIPT, home, `${index}`, `${puts}`],
          { env: gitEnvironment() }
        )
      )
    )
    // Nobody was starved: each push of each of them arrived.
    for (const { stdout } of outputs) {
      const reports: string[] = JSON.parse(stdout)
      expect(reports).to.have.length(puts)
      for (const status of reports) expect(status).to.be.oneOf(['updated', 'merged', 'unchanged'])
    }
    for (const { workspace } of members) await workspace.pull()
    expectSame(origin, members)
    const names = members.flatMap((_, index) =>
      Array.from({ length: puts }, (_unused, k) => `${index} ${k}`)
    )
    for (const { workspace } of members) {
      const runs = await collect(workspace.runs.list({ in: 'vision/train' }))
      expect(runs.map(({ fields }) => fields.name)).to.have.members(names)
    }
  }

  it('through a folder lose nothing', () => putAndPush(`${folder}/origin.git`, 3))

  it('over http lose nothing', async () => {
    const server = await serveGitHttp(folder)
    try {
      await putAndPush(`${server.url}/origin.git`, 10)
    } finally {
      await server.close()
    }
  })
})
