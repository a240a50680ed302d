import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect } from 'chai'

import type { Oid } from '../../src/git/objects.ts'
import type { RefStore } from '../../src/git/ref-store.ts'
import { openRefStoreFiles } from '../../src/git/ref-store-files.ts'
import { fsck, git, gitEnvironment, tryGit } from '../support/git.ts'
import { makeHistory } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const run = promisify(execFile)

describe('refs against the git program', () => {
  let subject: TestRepository
  let refs: RefStore
  let oids: readonly Oid[]
  beforeEach(async () => {
    subject = await makeRepository()
    refs = subject.repository.refs
    oids = await makeHistory(
      subject.repository,
      subject.platform,
      Array.from({ length: 4 }, (_, index) => ({
        parents: index === 0 ? [] : [index - 1],
        epochSeconds: 1_700_000_000 + index,
        files: { a: `${index}` }
      }))
    )
  })
  afterEach(() => subject.close())

  const oid = (index: number): Oid => oids[index] as Oid
  const forEachRef = (): [string, string][] =>
    git(subject.path, ['for-each-ref', '--format=%(refname) %(objectname)'])
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ') as [string, string])
  const expectSame = async (): Promise<void> => {
    expect([...(await refs.list('refs/'))]).to.deep.equal(forEachRef())
  }

  it('lists what git lists, loose, packed and both, in its order', async () => {
    const names = ['heads/main', 'heads/a/b', 'heads/a-b', 'heads/a.b', 'tags/v1', 'runtree/live/x']
    for (const name of names) git(subject.path, ['update-ref', `refs/${name}`, oid(0)])
    git(subject.path, ['tag', '-a', '-m', 'annotated', 'v2', oid(1)])
    await expectSame()
    git(subject.path, ['pack-refs', '--all', '--prune'])
    await expectSame()
    await refs.update([{ ref: 'refs/heads/a/b', expected: oid(0), value: oid(2) }])
    await refs.update([{ ref: 'refs/heads/new', expected: null, value: oid(3) }])
    await expectSame()
    expect(git(subject.path, ['rev-parse', 'refs/heads/a/b']).trim()).to.equal(oid(2))
    expect(fsck(subject.path)).to.equal('')
  })

  it('sees each change that git makes', async () => {
    for (const index of [0, 1, 2, 3]) {
      git(subject.path, ['update-ref', 'refs/heads/main', oid(index)])
      if (index % 2) git(subject.path, ['pack-refs', '--all'])
      expect(await refs.read('refs/heads/main')).to.equal(oid(index))
    }
    git(subject.path, ['update-ref', '-d', 'refs/heads/main'])
    expect(await refs.read('refs/heads/main')).to.equal(undefined)
  })

  it('deletes packed refs and leaves the others, with what their tags point at', async () => {
    git(subject.path, ['tag', '-a', '-m', 'annotated', 'v1', oid(1)])
    git(subject.path, ['tag', '-a', '-m', 'annotated', 'v2', oid(2)])
    for (const name of ['a', 'b/c', 'd'])
      git(subject.path, ['update-ref', `refs/heads/${name}`, oid(0)])
    git(subject.path, ['pack-refs', '--all'])
    git(subject.path, ['update-ref', 'refs/heads/d', oid(1)])
    const deleted = ['refs/tags/v1', 'refs/heads/b/c', 'refs/heads/d']
    await refs.update(deleted.map((ref) => ({ ref, value: null })))
    expect(forEachRef().map(([name]) => name)).to.deep.equal(['refs/heads/a', 'refs/tags/v2'])
    await expectSame()
    expect(git(subject.path, ['rev-parse', 'v2^{}']).trim()).to.equal(oid(2))
    expect(readdirSync(subject.path)).to.not.include('packed-refs.lock')
    expect(fsck(subject.path)).to.equal('')
  })

  it('removes the folders that a deletion empties, as git does', async () => {
    await refs.update([{ ref: 'refs/heads/x/y/z', value: oid(0) }])
    await refs.update([{ ref: 'refs/heads/x/y/z', value: null }])
    expect(readdirSync(join(subject.path, 'refs/heads'))).to.deep.equal([])
    mkdirSync(join(subject.path, 'refs/heads/left/over'), { recursive: true })
    await refs.update([{ ref: 'refs/heads/left', value: oid(0) }])
    await expectSame()
  })

  it('judges names as git check-ref-format does', async () => {
    const parts = [
      'a',
      'é',
      'a.b',
      'a..b',
      '.a',
      'a.',
      'a.lock',
      'a.lock.b',
      'a b',
      'a~',
      'a^',
      'a:'
    ]
    parts.push(
      'a?',
      'a*',
      'a[',
      'a]',
      'a\\',
      'a@',
      '@',
      '@{',
      'a@{b',
      'a\u007f',
      '\t',
      '-',
      '-a',
      'a,'
    )
    for (const part of parts) {
      for (const ref of [`refs/heads/${part}`, `refs/${part}/x`]) {
        const isAccepted = tryGit(subject.path, ['check-ref-format', ref]).status === 0
        const outcome = await refs.read(ref).catch((error) => error.code)
        expect(outcome, ref).to.equal(isAccepted ? undefined : 'GIT_REF_NAME')
      }
    }
  })

  it('waits for a lock of git, then names the file', async () => {
    const lock = join(subject.path, 'refs/heads/main.lock')
    writeFileSync(lock, '')
    utimesSync(lock, new Date(0), new Date(0))
    const impatient = openRefStoreFiles(subject.fs, subject.platform, subject.path, {
      lock: { timeoutMs: 60 }
    })
    const edits = [
      { ref: 'refs/heads/a', value: oid(0) },
      { ref: 'refs/heads/main', value: oid(0) }
    ]
    const error = await impatient.update(edits).catch((thrown) => thrown)
    expect(error).to.include({ code: 'GIT_REF_LOCKED' })
    expect(error.data.path).to.equal(lock)
    expect(error.data.ageMs).to.be.above(1_000_000)
    expect(existsSync(lock)).to.equal(true)
    expect(readdirSync(join(subject.path, 'refs/heads'))).to.deep.equal(['main.lock'])
  })

  it('loses no increment of 4 git processes and 4 of ours on one ref', async function () {
    this.timeout(120_000)
    const source = new URL('../support/increment.ts', import.meta.url).pathname
    const shell = `for i in 1 2 3 4 5 6 7 8 9 10; do
      until old=$(git rev-parse -q --verify refs/heads/n || echo 0000000000000000000000000000000000000000)
        if [ $old = 0000000000000000000000000000000000000000 ]; then parent=; else parent="-p $old"; fi
        new=$(echo "$$ $i" | git commit-tree $parent $(git mktree </dev/null)) &&
        git update-ref refs/heads/n $new $old 2>/dev/null; do :; done; done`
    const env = gitEnvironment()
    await Promise.all(
      [0, 1, 2, 3].flatMap((n) => [
        run('sh', ['-c', shell], { cwd: subject.path, env }),
        run('node', ['--import', 'tsx', source, subject.path, `${n}`, '10'], { env })
      ])
    )
    expect(git(subject.path, ['rev-list', '--count', 'refs/heads/n']).trim()).to.equal('80')
    expect(readdirSync(join(subject.path, 'refs/heads'))).to.deep.equal(['n'])
    expect(fsck(subject.path)).to.equal('')
  })
})
