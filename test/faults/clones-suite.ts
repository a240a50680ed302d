import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

import { gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { needsProgram } from '../support/programs.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { SSHD, serveGitSsh } from '../support/ssh-server.ts'
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

/** How much each clone puts and pushes, by the way to the remote. */
export interface CloneCounts {
  readonly folder: number
  readonly http: number
  /** Default: not over ssh. */
  readonly ssh?: number
}

/** Tests that clones which put and push to one experiment at the same time lose nothing. */
export function testClones(puts: CloneCounts): void {
  let folder: string
  const members: Member[] = []
  beforeEach(() => {
    folder = makeTempFolder()
  })
  afterEach(async () => {
    for (const member of members.splice(0)) await member.close()
    removeTempFolder(folder)
  })

  const putAndPush = async (
    url: string,
    count: number,
    env: Readonly<Record<string, string>> = {}
  ): Promise<void> => {
    const origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    const host = makeRemoteHost({ env: gitEnvironment(env) })
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
          ['--import', 'tsx', SCRIPT, home, `${index}`, `${count}`],
          { env: gitEnvironment(env) }
        )
      )
    )
    // Nobody was starved: each push of each of them arrived.
    for (const { stdout } of outputs) {
      const reports: string[] = JSON.parse(stdout)
      expect(reports).to.have.length(count)
      for (const status of reports) expect(status).to.be.oneOf(['updated', 'merged', 'unchanged'])
    }
    for (const { workspace } of members) await workspace.pull()
    expectSame(origin, members)
    const names = members.flatMap((_, index) =>
      Array.from({ length: count }, (_unused, k) => `${index} ${k}`)
    )
    for (const { workspace } of members) {
      const runs = await collect(workspace.runs.list({ in: 'vision/train' }))
      expect(runs.map(({ fields }) => fields.name)).to.have.members(names)
    }
  }

  it(`${CLONES} clones with ${puts.folder} puts and pushes each through a folder`, () =>
    putAndPush(`${folder}/origin.git`, puts.folder))

  it(`${CLONES} clones with ${puts.http} puts and pushes each over http`, async () => {
    const server = await serveGitHttp(folder)
    try {
      await putAndPush(`${server.url}/origin.git`, puts.http)
    } finally {
      await server.close()
    }
  })

  const { ssh } = puts
  if (ssh === undefined) return
  it(`${CLONES} clones with ${ssh} puts and pushes each over ssh`, async function () {
    needsProgram(this, SSHD)
    const server = await serveGitSsh(folder)
    try {
      await putAndPush(`ssh://${server.user}@127.0.0.1:${server.port}${folder}/origin.git`, ssh, {
        GIT_SSH_COMMAND: server.command('user').join(' ')
      })
    } finally {
      await server.close()
    }
  })
}
