import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import { experimentRef, folderOf, pathOf } from '../../src/format/paths.ts'
import { formatRecord } from '../../src/format/record.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { listRefs, makeOrigin, makeRemoteHost, writeHook } from '../support/remotes.ts'
import {
  expectSame,
  lsRemote,
  type Member,
  makeEmptyOrigin,
  openMember,
  refsHere,
  startProject,
  statuses,
  untilQuiet
} from '../support/team.ts'
import { collect, failure } from '../support/workspaces.ts'

const TRAIN = experimentRef('train')

describe('a project and its places', () => {
  let folder: string
  let origin: string
  let ada: Member
  const opened: Member[] = []
  const join = (): Member => {
    const member = openMember(makeRemoteHost())
    opened.push(member)
    return member
  }
  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    ada = join()
    await startProject(ada.workspace)
  })
  afterEach(async () => {
    for (const member of opened.splice(0)) await member.close()
    removeTempFolder(folder)
  })

  for (const prefix of ['refs/runtree/', 'runtree/'] as const) {
    it(`lies in the repository of the code under ${prefix}, whose branches stay`, async () => {
      const code = `${folder}/code.git`
      makeOrigin(code)
      git(code, ['tag', 'v1'])
      const before = listRefs(code)
      await ada.workspace.remotes.add('origin', code, { prefix })
      await ada.workspace.snapshots.create('paper')
      await ada.workspace.push()
      const heads = prefix === 'runtree/' ? 'refs/heads/runtree/' : 'refs/runtree/heads/'
      const tags = prefix === 'runtree/' ? 'refs/tags/runtree/' : 'refs/runtree/tags/'
      const own = refsHere(ada)
      expect(lsRemote(code)).to.deep.equal({
        ...before,
        [`${heads}main`]: own['refs/heads/main'],
        [`${heads}experiments/train`]: own[TRAIN],
        [`${tags}snapshots/paper`]: own['refs/tags/snapshots/paper']
      })
      const bob = join()
      expect(await bob.workspace.clone(code)).to.include({ project: 'vision' })
      expect((await bob.workspace.remotes.list())[0]?.prefix).to.equal(prefix)
      await bob.workspace.runs.create({ in: 'vision/train', name: 'of Bob' })
      await ada.workspace.runs.create({ in: 'vision/train', name: 'of Ada' })
      await untilQuiet([ada, bob])
      expect(refsHere(bob)).to.deep.equal(refsHere(ada))
      expect(await collect(bob.workspace.runs.list({ in: 'vision/train' }))).to.have.length(2)
      for (const path of [code, ada.repository, bob.repository]) expect(fsck(path)).to.equal('')
      git(folder, ['clone', '--quiet', code, 'work'])
      const fetched = Object.keys(listRefs(`${folder}/work`)).filter((ref) => /runtree/.test(ref))
      expect(fetched.length > 0).to.equal(prefix === 'runtree/')
      const info = await ada.workspace.remotes.info(code)
      expect(info).to.deep.include({ prefix, isProject: true, experiments: ['train'] })
      const { remote } = await ada.workspace.delete('vision/train', { mode: 'remote' })
      expect(remote.map(({ status }) => status)).to.deep.equal(['deleted'])
      for (const [ref, oid] of Object.entries(before)) expect(listRefs(code)[ref]).to.equal(oid)
      expect(lsRemote(code)[`${heads}experiments/train`]).to.equal(undefined)
    })
  }

  it('is pushed with main first, so that a hook sees it alone', async () => {
    const server = await serveGitHttp(folder)
    writeHook(origin, 'post-receive', [
      // Whoever pushes waits for a hook that takes its time.
      `sleep 0.2; cat >> ${folder}/pushes; echo -- >> ${folder}/pushes`
    ])
    await ada.workspace.remotes.add('origin', `${server.url}/origin.git`)
    await ada.workspace.push()
    await server.close()
    const pushes = readFileSync(`${folder}/pushes`, 'utf8').split('--\n').filter(Boolean)
    expect(
      pushes.map((push) =>
        push
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[2])
      )
    ).to.deep.equal([['refs/heads/main'], [TRAIN]])
  })

  it('has several remotes, and each is told apart', async () => {
    const second = `${folder}/second.git`
    makeEmptyOrigin(second)
    await ada.workspace.remotes.add('origin', origin)
    await ada.workspace.remotes.add('second', second)
    await ada.workspace.experiments.create({ name: 'Other', in: 'vision' })
    await ada.workspace.push({ experiments: ['train'] })
    await ada.workspace.push({ remote: 'second', experiments: ['other'] })
    expect(Object.keys(lsRemote(origin))).to.deep.equal([TRAIN, 'refs/heads/main'])
    expect(Object.keys(lsRemote(second))).to.deep.equal([experimentRef('other'), 'refs/heads/main'])
    expect((await failure(ada.workspace.push({ remote: 'third' }))).code).to.equal(
      'STORE_NO_REMOTE'
    )
    await ada.workspace.runs.create({ in: 'vision/train' })
    expect((await failure(ada.workspace.delete('vision'))).code).to.equal('STORE_UNPUSHED')
    await ada.workspace.push()
    expect(await ada.workspace.delete('vision')).to.deep.equal({ local: true, remote: [] })
    expect(await ada.store.projects()).to.deep.equal([])
  })

  describe('and deletes', () => {
    let bob: Member
    beforeEach(async () => {
      await ada.workspace.remotes.add('origin', origin)
      await ada.workspace.push()
      bob = join()
      await bob.workspace.clone(origin)
    })

    it('an experiment there alone: it stays here and does not go back by itself', async () => {
      const report = await ada.workspace.delete('vision/train', { mode: 'remote' })
      expect(report).to.deep.equal({
        local: false,
        remote: [{ remote: 'origin', ref: TRAIN, status: 'deleted' }]
      })
      expect(lsRemote(origin)[TRAIN]).to.equal(undefined)
      const kept = await ada.workspace.experiments.get('vision/train')
      expect(Object.keys(kept?.fields.remotes ?? {})).to.deep.equal([])
      expect(statuses(await ada.workspace.push())).to.include({
        'experiments/train': 'deleted-there'
      })
      expect((await failure(ada.workspace.delete('vision'))).code).to.equal('STORE_UNPUSHED')
      expect(statuses(await ada.workspace.push({ recreate: true }))).to.include({
        'experiments/train': 'new'
      })
      expectSame(origin, [ada])
    })

    it('an experiment there that others have changed meanwhile: it stays', async () => {
      await bob.workspace.runs.create({ in: 'vision/train' })
      await bob.workspace.push()
      const { remote } = await ada.workspace.delete('vision/train', { mode: 'remote' })
      expect(remote.map(({ status }) => status)).to.deep.equal(['stale'])
      expect(lsRemote(origin)[TRAIN]).to.equal(refsHere(bob)[TRAIN])
      const record = await ada.workspace.experiments.get('vision/train')
      expect(Object.keys(record?.fields.remotes ?? {})).to.have.length(1)
    })

    it('an experiment there after it was deleted here', async () => {
      await ada.workspace.delete('vision/train')
      const { local, remote } = await ada.workspace.delete('vision/train', { mode: 'all' })
      expect([local, remote.map(({ status }) => status)]).to.deep.equal([false, ['deleted']])
      expect(lsRemote(origin)[TRAIN]).to.equal(undefined)
    })

    it('both, and says which side failed', async () => {
      await ada.workspace.remotes.add('gone', `${folder}/gone.git`)
      const { local, remote } = await ada.workspace.delete('vision/train', { mode: 'all' })
      expect(local).to.equal(true)
      expect(remote.map(({ remote: name, status }) => `${name} ${status}`)).to.deep.equal([
        'gone failed',
        'origin deleted'
      ])
      expect(remote[0]?.reason).to.match(/no repository/)
    })

    it('what is inside an experiment in one history: all pushes at once', async () => {
      const { address } = await ada.workspace.runs.create({ in: 'vision/train' })
      await ada.workspace.push()
      await bob.workspace.pull()
      expect((await failure(ada.workspace.delete(address, { mode: 'remote' }))).code).to.equal(
        'STORE_DELETE_MODE'
      )
      const before = lsRemote(origin)[TRAIN]
      const report = await bob.workspace.delete(address, { mode: 'all' })
      expect(report).to.deep.equal({
        local: true,
        remote: [{ remote: 'origin', ref: TRAIN, status: 'deleted' }]
      })
      expect(lsRemote(origin)[TRAIN]).to.not.equal(before)
      await ada.workspace.pull()
      expect(await ada.workspace.runs.exists(address)).to.equal(false)
      expectSame(origin, [ada, bob])
    })

    it('a project: its refs there, but for the branch that the server keeps', async () => {
      const { local, remote } = await ada.workspace.delete('vision', { mode: 'all' })
      expect(local).to.equal(true)
      const there = Object.fromEntries(remote.map(({ ref, status }) => [ref, status]))
      expect(there[TRAIN]).to.equal('deleted')
      expect(Object.keys(lsRemote(origin))).to.deep.equal(
        there['refs/heads/main'] === 'deleted' ? [] : ['refs/heads/main']
      )
      expect(await ada.store.projects()).to.deep.equal([])
    })
  })

  it('takes over a purge: what was replaced is no rewind', async () => {
    await ada.workspace.remotes.add('origin', origin)
    const { address, id } = await ada.workspace.runs.create({ in: 'vision/train', name: 'secret' })
    await ada.workspace.push()
    const bob = join()
    await bob.workspace.clone(origin)
    const old = refsHere(ada)[TRAIN] as string
    purge(ada.repository, { kind: 'run', experiment: 'train', run: id }, old)
    const pushed = await ada.reopen({ remotes: makeRemoteHost() }).workspace.push()
    expect(statuses(pushed)).to.include({ 'experiments/train': 'merged' })
    expect(git(origin, ['rev-list', TRAIN])).to.not.include(old)
    await bob.workspace.runs.create({ in: 'vision/train', name: 'of Bob' })
    const pulled = await bob.workspace.pull()
    expect(statuses(pulled)).to.include({ 'experiments/train': 'merged' })
    await bob.workspace.push()
    expect(await bob.workspace.runs.exists(address)).to.equal(false)
    expect(git(origin, ['rev-list', TRAIN])).to.not.include(old)
    const again = ada.reopen({ remotes: makeRemoteHost() })
    await again.workspace.pull()
    expectSame(origin, [ada, bob])
    const runs = await collect(again.workspace.runs.list({ in: 'vision/train' }))
    expect(runs.map(({ fields }) => fields.name)).to.deep.equal(['of Bob'])
    await again.workspace.close()
  })
})

/** Replaces the history of an experiment by one in which a run never was, as a purge does. */
function purge(repository: string, key: KeyOf<'run'>, replaced: string): void {
  const record = { schema: 'purged/1', paths: [folderOf(key)], heads: [replaced] } as const
  const text = formatRecord('purged', record)
  const env = { GIT_INDEX_FILE: `${repository}/index.purge` }
  git(repository, ['read-tree', replaced], { env })
  git(repository, ['rm', '-r', '--cached', '--quiet', folderOf(key)], {
    env: { ...env, GIT_WORK_TREE: repository }
  })
  const blob = git(repository, ['hash-object', '-w', '--stdin'], { input: text }).trim()
  const path = pathOf({ kind: 'purged', experiment: key.experiment })
  git(repository, ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env })
  const tree = git(repository, ['write-tree'], { env }).trim()
  const first = git(repository, ['rev-list', '--max-parents=0', replaced]).trim()
  const head = git(repository, ['commit-tree', '-p', first, '-m', 'purge', tree]).trim()
  git(repository, ['update-ref', experimentRef(key.experiment), head])
}
