import { pathToFileURL } from 'node:url'
import { expect } from 'chai'

import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { createFaultyFileSystem } from '../support/faulty-file-system.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { listRefs, makeRemoteHost, writeHook } from '../support/remotes.ts'
import {
  expectSame,
  lsRemote,
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject,
  statuses
} from '../support/team.ts'
import { createTestTracking } from '../support/tracking.ts'

const TRAIN = 'refs/heads/experiments/train'
const COMMITTER = { name: 'Bob', email: 'bob@example.org' }
const TAG = 'refs/tags/snapshots/paper'

describe('what is said of a project and a remote', () => {
  let folder: string
  let origin: string
  let ada: Member
  let bob: Member
  const opened: Member[] = []
  const join = (options: Parameters<typeof openMember>[1] = {}): Member => {
    const member = openMember(makeRemoteHost(), options)
    opened.push(member)
    return member
  }
  const train = async (workspace: Workspace): Promise<string | undefined> => {
    const [remote] = (await workspace.status()).remotes
    return remote?.refs.find(({ ref }) => ref === TRAIN)?.status
  }
  const addRun = ({ workspace }: Member) => workspace.runs.create({ in: 'vision/train' })
  const here = ({ repository }: Member): string | undefined => listRefs(repository)[TRAIN]
  const there = (): string | undefined => lsRemote(origin)[TRAIN]

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    ada = join()
    await startProject(ada.workspace)
    await ada.workspace.remotes.add('origin', origin)
  })
  afterEach(async () => {
    for (const member of opened.splice(0)) await member.close()
    removeTempFolder(folder)
  })
  const share = async (): Promise<void> => {
    await ada.workspace.push()
    bob = join()
    await bob.workspace.clone(origin)
  }

  it('is new, unchanged, ahead, behind or diverged, as git ls-remote has it', async () => {
    expect([await train(ada.workspace), there()]).to.deep.equal(['new', undefined])
    await share()
    expect([await train(ada.workspace), there()]).to.deep.equal(['unchanged', here(ada)])
    const before = here(ada) as string
    await addRun(ada)
    expect([await train(ada.workspace), there()]).to.deep.equal(['ahead', before])
    await ada.workspace.push()
    // As it is after a backup from before the push was put in place.
    git(ada.repository, ['update-ref', TRAIN, before])
    const restored = ada.reopen({ project: 'vision', remotes: makeRemoteHost() })
    expect([await train(restored.workspace), there() === before]).to.deep.equal(['behind', false])
    await restored.workspace.runs.create({ in: 'vision/train' })
    expect(await train(restored.workspace)).to.equal('diverged')
    expect(git(ada.repository, ['merge-base', TRAIN, before]).trim()).to.equal(before)
    expect(statuses(await restored.workspace.push())).to.include({ 'experiments/train': 'merged' })
    expect([await train(restored.workspace), there()]).to.deep.equal(['unchanged', here(ada)])
    await restored.workspace.close()
  })

  it('is rewound until it is not any more', async () => {
    await share()
    await addRun(ada)
    await ada.workspace.push()
    const head = there() as string
    git(origin, ['update-ref', TRAIN, `${head}~1`])
    expect(await train(ada.workspace)).to.equal('unchanged')
    const pulled = await ada.workspace.pull()
    const report = pulled.refs.find(({ ref }) => ref === TRAIN)
    expect(report).to.include({ status: 'rewound', before: head, after: there() })
    expect(await train(ada.workspace)).to.equal('rewound')
    git(origin, ['update-ref', TRAIN, head])
    await ada.workspace.pull()
    expect(await train(ada.workspace)).to.equal('unchanged')
  })

  it('is deleted there until it is there again', async () => {
    await share()
    git(origin, ['update-ref', '-d', TRAIN])
    await ada.workspace.pull()
    expect([await train(ada.workspace), there()]).to.deep.equal(['deleted-there', undefined])
    await ada.workspace.push({ recreate: true })
    expect([await train(ada.workspace), there()]).to.deep.equal(['unchanged', here(ada)])
  })

  it('is a snapshot of one name with two contents, and both stay', async () => {
    await share()
    await ada.workspace.snapshots.create('paper')
    await ada.workspace.push()
    await addRun(bob)
    await bob.workspace.snapshots.create('paper')
    const [first, second] = [lsRemote(origin)[TAG], listRefs(bob.repository)[TAG]]
    expect(first).to.not.equal(second)
    for (const report of [await bob.workspace.push(), await bob.workspace.pull()]) {
      expect(statuses(report)).to.include({ 'tags/snapshots/paper': 'diverged' })
    }
    expect([lsRemote(origin)[TAG], listRefs(bob.repository)[TAG]]).to.deep.equal([first, second])
  })

  it('is rejected, with the reason, on one branch alone', async () => {
    await share()
    await ada.workspace.experiments.create({ name: 'Other', in: 'vision' })
    const run = await addRun(ada)
    const before = there()
    const server = await serveGitHttp(folder)
    await ada.workspace.remotes.add('web', `${server.url}/origin.git`)
    writeHook(origin, 'update', ['case $1 in *train) echo "train is done" >&2; exit 1;; esac'])
    const messages: string[] = []
    const report = await ada.workspace.push({
      remote: 'web',
      onProgress: (progress) => progress.kind === 'message' && messages.push(progress.text)
    })
    expect(statuses(report)).to.deep.include({
      'experiments/train': 'rejected',
      'experiments/other': 'new'
    })
    expect(report.refs.find(({ status }) => status === 'rejected')?.reason).to.match(/declined/)
    expect(messages.join('')).to.contain('train is done')
    expect(there()).to.equal(before)
    expect(lsRemote(origin)['refs/heads/experiments/other']).to.match(/^[0-9a-f]{40}$/)
    expect(await ada.workspace.runs.exists(run.address)).to.equal(true)
    await server.close()
  })

  it('is offline: what is put is stored here, what is deleted is told, what is got is stale', async () => {
    await share()
    const server = await serveGitHttp(folder)
    await ada.workspace.remotes.remove('origin')
    await ada.workspace.remotes.add('web', `${server.url}/origin.git`)
    await ada.workspace.pull()
    await server.close()
    const before = there()
    const run = { kind: 'run', fields: { in: 'vision/train', name: 'kept' } } as const
    const put = await ada.workspace.put(run, { remote: 'web' })
    expect(put.pushed && statuses(put.pushed)).to.deep.equal({ 'experiments/train': 'offline' })
    expect(put.pushed?.refs[0]?.reason).to.match(/cannot be reached|can't be reached/)
    const got = await ada.workspace.get(put.address, { maxAgeMs: 0 })
    expect(got).to.deep.include({ sync: 'stale', commitOid: here(ada) })
    expect(got.object?.fields).to.include({ name: 'kept' })
    const { local, remote } = await ada.workspace.delete('vision/train', { mode: 'all' })
    expect([local, remote.map(({ status }) => status)]).to.deep.equal([true, ['offline']])
    expect(there()).to.equal(before)
    const dataset = { kind: 'dataset', fields: { in: 'vision', name: 'Iris' } } as const
    const other = await ada.workspace.put(dataset, { remote: 'web' })
    expect(other.pushed && statuses(other.pushed)).to.deep.equal({ main: 'offline' })
  })

  it('is the same by a file:// address', async () => {
    const url = pathToFileURL(origin).href
    await ada.workspace.remotes.remove('origin')
    await ada.workspace.remotes.add('file', url)
    await ada.workspace.push()
    bob = join()
    expect(await bob.workspace.clone(url)).to.include({ project: 'vision' })
    await addRun(bob)
    await addRun(ada)
    await ada.workspace.push()
    expect(statuses(await bob.workspace.push())).to.include({ 'experiments/train': 'merged' })
    await ada.workspace.pull()
    expectSame(origin, [ada, bob])
  })

  it('tells of content that is above the limit, in bytes', async () => {
    await share()
    const { startRun, store } = createTestTracking(ada.folder)
    const run = await startRun({ project: 'vision', experiment: 'train', quiet: true })
    run.artifact('model.bin', new Uint8Array(1_500_000).fill(7))
    run.artifact('small.txt', 'small')
    await run.finish()
    await store.close()
    const heldBack = { count: 1, sizeBytes: 1_500_000 }
    expect((await ada.workspace.push()).heldBack).to.deep.equal(heldBack)
    expect((await ada.workspace.get(run.address)).heldBack).to.deep.equal({
      count: 0,
      sizeBytes: 0
    })
    const got = await bob.workspace.get(run.address, { maxAgeMs: 0 })
    expect(got).to.deep.include({ sync: 'fetched', heldBack })
    const elsewhere = await bob.workspace.artifacts
      .read(`${run.address}/artifacts/model.bin`)
      .catch((error: { code: string; data: object }) => error)
    expect(elsewhere).to.deep.include({ code: 'STORE_CONTENT_ELSEWHERE' })
    expectSame(origin, [ada, bob])
  })

  it('can be read where nothing may be written', async () => {
    await share()
    await addRun(ada)
    await ada.workspace.push()
    const files = createFaultyFileSystem(createNodeFileSystem())
    const host = { files, platform: createNodePlatform(), remotes: makeRemoteHost() }
    const store = new WorkspaceStore({ ...host, committer: async () => COMMITTER }, bob.folder)
    const workspace = createWorkspace(store, { project: 'vision' })
    const reading = /^(read|readRange|list|stat|realPath|resolve)/
    files.fault = (call) => (reading.test(call) ? undefined : 'EROFS')
    expect(await workspace.projects.exists('vision')).to.equal(true)
    expect((await workspace.status()).remotes[0]?.refs).to.have.length(2)
    expect((await workspace.remotes.list()).map(({ name }) => name)).to.deep.equal(['origin'])
    expect((await workspace.remotes.info('origin')).isReachable).to.equal(true)
    expect((await workspace.get('vision/train', { offline: true })).object?.id).to.equal('train')
    for await (const _ of workspace.runs.list({ in: 'vision/train' }));
    for await (const _ of workspace.experiments.history('vision/train'));
    await workspace.close()
  })
})
