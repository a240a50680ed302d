import { chmodSync, chownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import type { Oid } from '../../src/git/objects.ts'
import { fetchRefs } from '../../src/remote/fetch.ts'
import { openRemote } from '../../src/remote/open-remote.ts'
import { pushRefs } from '../../src/remote/push.ts'
import { readRemoteInfo } from '../../src/remote/remote-info.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { skipBecause } from '../support/programs.ts'
import {
  addCommits,
  codeOf,
  contextOf,
  listRefs,
  makeOrigin,
  makeRemoteHost
} from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const MAIN = 'refs/heads/main'
const SOMEBODY = 54_321
const NOBODY = 65_534
const isRoot = process.geteuid?.() === 0

/** Runs a body as another user, whom the files of this one are not. */
async function asUser<T>(uid: number, body: () => Promise<T>): Promise<T> {
  process.seteuid?.(uid)
  try {
    return await body()
  } finally {
    process.seteuid?.(0)
  }
}

function everyPath(folder: string): string[] {
  const below = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return [folder, ...below.map((name) => join(folder, name))]
}

describe('a repository in a folder', () => {
  let folder: string
  let origin: string
  let history: Oid[]
  let local: TestRepository

  beforeEach(async () => {
    folder = makeTempFolder()
    chmodSync(folder, 0o755)
    origin = `${folder}/origin.git`
    history = makeOrigin(origin, 4)
  })
  afterEach(async () => {
    // A test that was skipped has made none.
    await local?.close()
    removeTempFolder(folder)
  })

  const open = (path = origin) => openRemote(makeRemoteHost(), local.repository.objects, path)
  const exchange = async (): Promise<{ fetched: number; push: string | undefined }> => {
    local = await makeRepository()
    const remote = await open()
    const { updated } = await fetchRefs(contextOf(local), remote, { map: (ref) => ref })
    const update = { ref: 'refs/heads/new', expected: null, value: history[0] as Oid }
    const head = addOne(local.path)
    const other = { ref: 'refs/heads/other', expected: null, value: head }
    const push = await codeOf(pushRefs(contextOf(local), remote, [update, other]))
    return { fetched: updated.length, push }
  }
  const addOne = (path: string): Oid => addCommits(path, 'refs/heads/mine', 1).at(-1) as Oid

  it('of another user is read and written by root, without git’s doubts', async function () {
    if (!isRoot) skipBecause(this, 'only root can make files of another user')
    for (const path of everyPath(origin)) chownSync(path, SOMEBODY, SOMEBODY)
    expect(await exchange()).to.deep.equal({ fetched: 1, push: undefined })
    for (const path of everyPath(origin)) chownSync(path, 0, 0)
    expect(fsck(origin)).to.equal('')
    expect(Object.keys(listRefs(origin))).to.include('refs/heads/other')
  })

  it('of another user is read by somebody who may not write it', async function () {
    if (!isRoot) skipBecause(this, 'only root can become another user')
    for (const path of everyPath(origin)) chownSync(path, SOMEBODY, SOMEBODY)
    await asUser(NOBODY, async () => {
      // The git program would not work here for this user, so the commit is one that is there.
      local = await makeRepository()
      const remote = await open()
      await fetchRefs(contextOf(local), remote, { map: (ref) => ref })
      expect((await local.repository.refs.list('refs/')).get(MAIN)).to.equal(history.at(-1))
      const updates = [{ ref: 'refs/heads/new', expected: null, value: history[0] as Oid }]
      const code = await codeOf(pushRefs(contextOf(local), remote, updates))
      expect(code).to.equal('REMOTE_FORBIDDEN')
      const info = await readRemoteInfo(remote, local.platform)
      expect([info.mayRead, info.mayPush]).to.deep.equal([true, false])
      expect(info.pushFailure?.code).to.equal('REMOTE_FORBIDDEN')
    })
    for (const path of everyPath(origin)) chownSync(path, 0, 0)
    expect(Object.keys(listRefs(origin))).to.deep.equal([MAIN])
  })

  it('that may not be read is refused', async function () {
    if (!isRoot) skipBecause(this, 'only root can become another user')
    for (const path of everyPath(origin)) chownSync(path, SOMEBODY, SOMEBODY)
    chmodSync(origin, 0o700)
    await asUser(NOBODY, async () => {
      local = await makeRepository()
      const remote = await open()
      const fetching = fetchRefs(contextOf(local), remote, { map: (ref) => ref })
      expect(await codeOf(fetching)).to.equal('REMOTE_FORBIDDEN')
    })
  })

  it('that may only be read is fetched from', async function () {
    if (isRoot) skipBecause(this, 'root may write everything')
    for (const path of everyPath(origin)) {
      chmodSync(path, lstatSync(path).isDirectory() ? 0o555 : 0o444)
    }
    const outcome = await exchange()
    for (const path of everyPath(origin)) chmodSync(path, 0o755)
    expect(outcome).to.deep.equal({ fetched: 1, push: 'REMOTE_FORBIDDEN' })
  })

  for (const [shared, file, ref] of [
    ['group', 0o440, 0o660],
    ['all', 0o444, 0o664],
    ['0640', 0o440, 0o640]
  ] as const) {
    it(`that is shared (${shared}) stays so, whatever the user’s umask`, async () => {
      git(origin, ['config', 'core.sharedRepository', shared])
      const before = new Set(everyPath(origin))
      const umask = process.umask(0o077)
      try {
        expect((await exchange()).push).to.equal(undefined)
      } finally {
        process.umask(umask)
      }
      const made = everyPath(origin).filter((path) => !before.has(path))
      expect(made.some((path) => path.endsWith('.pack'))).to.equal(true)
      for (const path of made) {
        const stat = lstatSync(path)
        const mode = stat.mode & 0o7777
        const where = `${path} ${mode.toString(8)}`
        if (stat.isDirectory()) {
          expect(mode & 0o2050, where).to.equal(0o2050)
        } else if (/\.(pack|idx)$/.test(path)) {
          expect(mode, where).to.equal(file)
        } else if (path.includes('/refs/')) {
          expect(mode, where).to.equal(ref)
        }
      }
      expect(fsck(origin)).to.equal('')
    })
  }

  it('with a work tree is fetched from, and its checked-out branch is left alone', async () => {
    git(folder, ['clone', '-q', origin, 'work'])
    local = await makeRepository()
    const remote = await open(`${folder}/work`)
    const head = history.at(-1) as Oid
    await fetchRefs(contextOf(local), remote, { map: (ref) => ref })
    const updates = [
      { ref: MAIN, expected: head, value: history[0] as Oid },
      { ref: 'refs/heads/side', expected: null, value: history[0] as Oid }
    ]
    const outcome = await pushRefs(contextOf(local), remote, updates, { atomic: false })
    expect([...outcome.refs.values()].map(({ status }) => status)).to.deep.equal(['rejected', 'ok'])
    expect(git(`${folder}/work`, ['status', '--porcelain'])).to.equal('')
  })

  it('is found without the .git at its end', async () => {
    local = await makeRepository()
    const remote = await open(`${folder}/origin`)
    expect((await remote.list('fetch')).refs.get(MAIN)).to.equal(history.at(-1))
  })
})
