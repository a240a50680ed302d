import { mkdirSync } from 'node:fs'
import { expect } from 'chai'

import type { RemoteHost } from '../../src/remote/open-remote.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { needsProgram } from '../support/programs.ts'
import { listRefs, makeRemoteHost, writeHook } from '../support/remotes.ts'
import { SSHD, serveGitSsh } from '../support/ssh-server.ts'
import {
  expectSame,
  lsRemote,
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject,
  statuses
} from '../support/team.ts'
import { failure, RUN } from '../support/workspaces.ts'

const TRAIN = 'refs/heads/experiments/train'

/** A way to the repositories in a folder. */
interface Way {
  readonly host: RemoteHost
  readonly addressOf: (path: string) => string
  close(): Promise<void>
}

async function openHttp(folder: string): Promise<Way> {
  const { url, close } = await serveGitHttp(folder)
  return { host: makeRemoteHost(), addressOf: (path) => url + path.slice(folder.length), close }
}

async function openSsh(folder: string): Promise<Way> {
  mkdirSync(`${folder}/ssh`)
  const { port, user, command, close } = await serveGitSsh(`${folder}/ssh`)
  const host = makeRemoteHost({ sshCommand: command('user') })
  return { host, addressOf: (path) => `ssh://${user}@127.0.0.1:${port}${path}`, close }
}

for (const [name, open] of [
  ['http', openHttp],
  ['ssh', openSsh]
] as const) {
  describe(`a remote that refuses, over ${name}`, function () {
    this.timeout(120_000)
    let folder: string
    let way: Way | undefined
    let origin: string
    let ada: Member
    let number = 0

    before(async function () {
      if (name === 'ssh') needsProgram(this, SSHD)
      folder = makeTempFolder()
      way = await open(folder)
    })
    after(async () => {
      await way?.close()
      if (folder) removeTempFolder(folder)
    })
    beforeEach(async () => {
      origin = `${folder}/origin-${number++}.git`
      makeEmptyOrigin(origin)
      const { host, addressOf } = way as Way
      ada = openMember(host)
      await startProject(ada.workspace)
      await ada.workspace.runs.create({ id: RUN, in: 'vision/train' })
      await ada.workspace.remotes.add('origin', addressOf(origin))
    })
    afterEach(() => ada.close())

    const reasonsOf = ({
      refs
    }: Awaited<ReturnType<typeof ada.workspace.push>>): readonly (string | undefined)[] =>
      refs.filter(({ status }) => status === 'rejected').map(({ reason }) => reason)

    it('by a hook before anything is received: its words are told, and nothing is there', async () => {
      writeHook(origin, 'pre-receive', ['echo "Runs need a ticket." >&2', 'exit 1'])
      const said: string[] = []
      const onProgress = (progress: { readonly kind: string; readonly text?: string }): void => {
        if (progress.text !== undefined) said.push(progress.text)
      }
      const pushed = await ada.workspace.push({ onProgress })
      expect(Object.values(statuses(pushed))).to.include('rejected')
      expect(reasonsOf(pushed)[0]).to.include('pre-receive hook declined')
      expect(said.join()).to.include('Runs need a ticket.')
      expect(lsRemote(origin)).to.deep.equal({})
      writeHook(origin, 'pre-receive', ['exit 0'])
      await ada.workspace.push()
      expectSame(origin, [ada])
    })

    it('changes of a protected branch, and takes the others', async () => {
      await ada.workspace.push()
      const before = lsRemote(origin)
      writeHook(origin, 'update', ['[ "$1" != refs/heads/main ] || exit 1'])
      await ada.workspace.datasets.create({ name: 'Iris', in: 'vision' })
      await ada.workspace.runs.create({ in: 'vision/train' })
      const pushed = await ada.workspace.push()
      expect(statuses(pushed)).to.deep.equal({ main: 'rejected', 'experiments/train': 'updated' })
      expect(lsRemote(origin)['refs/heads/main']).to.equal(before['refs/heads/main'])
      expect(lsRemote(origin)[TRAIN]).to.equal(listRefs(ada.repository)[TRAIN])
    })

    it('a branch that takes the place of another, and deletions', async () => {
      await ada.workspace.push()
      const before = lsRemote(origin)
      git(origin, ['config', 'receive.denyNonFastForwards', 'true'])
      git(origin, ['config', 'receive.denyDeletes', 'true'])
      const purged = await ada.workspace.purge(`vision/train/${RUN}`, { remote: 'origin' })
      expect(purged.pushed && statuses(purged.pushed)).to.include({
        'experiments/train': 'rejected'
      })
      expect(purged.pushed && reasonsOf(purged.pushed)[0]).to.match(/non-fast-forward/)
      const { remote } = await ada.workspace.delete('vision/train', { mode: 'remote' })
      expect(remote.map(({ status }) => status)).to.deep.equal(['rejected'])
      expect(remote[0]?.reason).to.match(/deletion prohibited/)
      expect(lsRemote(origin)).to.deep.equal(before)
    })

    it('the branch that somebody has checked out there', async () => {
      const work = `${folder}/work-${number}`
      git('/', ['init', '--quiet', '--initial-branch=main', work])
      await ada.workspace.remotes.add('work', (way as Way).addressOf(work))
      const pushed = await ada.workspace.push({ remote: 'work' })
      expect(statuses(pushed)).to.include({ main: 'rejected' })
      expect(reasonsOf(pushed)[0]).to.match(/checked out/)
      expect(lsRemote(work)['refs/heads/main']).to.equal(undefined)
    })

    it('because its history is cut off', async () => {
      await ada.workspace.push()
      const shallow = `${folder}/shallow-${number}.git`
      git('/', ['clone', '--quiet', '--bare', '--depth=1', `file://${origin}`, shallow])
      await ada.workspace.remotes.add('shallow', (way as Way).addressOf(shallow))
      const [here, there] = [listRefs(ada.repository), listRefs(shallow)]
      for (const direction of ['pull', 'push'] as const) {
        const error = await failure(ada.workspace[direction]({ remote: 'shallow' }))
        expect(error.code).to.equal('REMOTE_UNSUPPORTED')
        expect(error.message).to.include('shallow')
      }
      expect([listRefs(ada.repository), listRefs(shallow)]).to.deep.equal([here, there])
    })

    it('nothing, but a branch was replaced there: it is told, and neither side is overwritten', async () => {
      await ada.workspace.push()
      const own = listRefs(ada.repository)[TRAIN]
      const tree = git(origin, ['rev-parse', `${TRAIN}^{tree}`]).trim()
      const other = git(origin, ['commit-tree', '-p', `${TRAIN}~`, '-m', 'other', tree]).trim()
      git(origin, ['update-ref', TRAIN, other])
      await ada.workspace.runs.create({ in: 'vision/train' })
      const head = listRefs(ada.repository)[TRAIN]
      for (const report of [await ada.workspace.pull(), await ada.workspace.push()]) {
        const ref = report.refs.find((each) => each.ref === TRAIN)
        expect(ref).to.include({ status: 'rewound', before: own, after: other })
      }
      expect(lsRemote(origin)[TRAIN]).to.equal(other)
      expect(listRefs(ada.repository)[TRAIN]).to.equal(head)
    })

    it('nothing, but another project took its place: both stay as they are', async () => {
      await ada.workspace.push()
      const bob = openMember((way as Way).host)
      await startProject(bob.workspace)
      for (const ref of Object.keys(listRefs(origin))) git(origin, ['update-ref', '-d', ref])
      await bob.workspace.remotes.add('origin', (way as Way).addressOf(origin))
      await bob.workspace.push()
      const [here, there] = [listRefs(ada.repository), listRefs(origin)]
      await ada.workspace.runs.create({ in: 'vision/train' })
      for (const direction of ['pull', 'push'] as const) {
        const error = await failure(ada.workspace[direction]())
        expect(error.code).to.equal('STORE_OTHER_PROJECT')
        expect(error.message).to.include('another project')
      }
      expect(listRefs(origin)).to.deep.equal(there)
      expect(listRefs(ada.repository)['refs/heads/main']).to.equal(here['refs/heads/main'])
      await bob.close()
    })
  })
}
