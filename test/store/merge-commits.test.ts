import { expect } from 'chai'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { FIRST_COMMIT_OID, FIRST_COMMIT_TEXT } from '../../src/format/constants.ts'
import { folderOf, pathOf } from '../../src/format/paths.ts'
import { mergeBases } from '../../src/git/ancestry.ts'
import { readCommit } from '../../src/git/commit.ts'
import { createObject, type Oid } from '../../src/git/objects.ts'
import type { KeyOf } from '../../src/model/kinds.ts'
import { mergeHeads } from '../../src/store/merge-commits.ts'
import { type Changes, file, hash, Replica, text } from './merge-replica.ts'

const first = createObject(hash, 'commit', encodeUtf8(FIRST_COMMIT_TEXT))
const START = Date.UTC(2026, 0, 1)

function makeReplicas(count: number): Replica[] {
  let seconds = 0
  const clock = { now: () => START + 1000 * seconds++ }
  return ['aaaaaa', 'bbbbbb', 'cccccc']
    .slice(0, count)
    .map((name) => new Replica(name, clock, first))
}

const runKey = (run: string): KeyOf<'run'> => ({ kind: 'run', experiment: 'e', run })
const [X, Y, Z] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'].map(runKey) as [
  KeyOf<'run'>,
  KeyOf<'run'>,
  KeyOf<'run'>
]

async function putRun(replica: Replica, key: KeyOf<'run'>, notes = 'n'): Promise<Oid> {
  const created = '2026-01-01T00:00:00.000Z'
  const run = { schema: 'run/1', created, status: 'running', attempt: created, notes } as const
  return replica.commit(new Map([[pathOf(key), file('run', run)]]))
}

const remove = (replica: Replica, key: KeyOf<'run'>): Promise<Oid> =>
  replica.commit(new Map([[folderOf(key), null]]))

async function basesOf(a: Replica, b: Replica): Promise<readonly Oid[]> {
  a.store.add(b.store.objects.values())
  return mergeBases(a.store, a.headOid, b.headOid)
}

describe('merging heads', () => {
  it('tells equal heads, one that contains the other, and the reverse', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await putRun(a, X)
    expect((await b.pull(a)).status).equal('behind')
    expect(b.headOid).equal(a.headOid)
    expect((await b.pull(a)).status).equal('equal')
    await putRun(b, Y)
    expect((await b.pull(a)).status).equal('ahead')
  })

  it('makes the same commit on every machine, by nobody, at the later of the two times', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await putRun(a, X)
    const later = await putRun(b, Y)
    const headOfA = a.headOid
    const merged = await a.pull(b)
    await b.pull(a, headOfA)
    expect(merged.status).equal('merged')
    expect(b.headOid).equal(a.headOid)
    const commit = await readCommit(a.store, a.headOid)
    expect(commit.parents).deep.equal([headOfA, later].sort())
    expect(commit.committer).deep.equal(commit.author)
    expect(commit.committer).deep.include({ name: 'Runtree', offset: '+0000' })
    const { committer } = await readCommit(b.store, later)
    expect(commit.committer.epochSeconds).equal(committer.epochSeconds)
    expect(commit.message).equal('merge\n\nRuntree-Operation: merge\n')
  })

  it('lets a delete stand that saw what only one of two merge bases has', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    const oldA = await putRun(a, X)
    const oldB = await putRun(b, Y)
    await putRun(a, Z)
    await a.pull(b, oldB)
    await putRun(b, Z, 'other')
    await b.pull(a, oldA)
    await remove(b, X)
    expect(await basesOf(a, b)).have.members([oldA, oldB])
    await a.pull(b)
    expect(await a.find(folderOf(X))).equal(undefined)
    expect(await a.find(folderOf(Y))).not.equal(undefined)
    expect(await a.find(folderOf(Z))).not.equal(undefined)
  })

  it('lets a restore stand against a delete that it undid', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await putRun(a, X)
    await putRun(a, Y)
    await b.pull(a)
    const deleted = await remove(b, X)
    const other = await putRun(a, Y, 'changed')
    await putRun(b, Z)
    // Both merge the delete with what the other had then; one puts the run back as it was.
    await a.pull(b, deleted)
    expect(await a.find(folderOf(X))).equal(undefined)
    await b.pull(a, other)
    await putRun(a, X)
    expect(await basesOf(a, b)).have.members([deleted, other])
    await a.pull(b)
    expect(await a.find(folderOf(X))).not.equal(undefined)
  })
})

describe('merging with a head whose history was purged', () => {
  /** Replaces a replica's history by one in which a run never was, and lists it as purged. */
  async function purge(replica: Replica, key: KeyOf<'run'>): Promise<Oid> {
    const replaced = replica.headOid
    const kept = await replica.find(folderOf(Y))
    replica.headOid = FIRST_COMMIT_OID
    const record = { schema: 'purged/1', paths: [folderOf(key)], heads: [replaced] } as const
    const path = pathOf({ kind: 'purged', experiment: 'e' })
    const changes: Changes = new Map([[path, file('purged', record)]])
    if (kept !== undefined) changes.set(folderOf(Y), { mode: kept.mode, oid: kept.oid })
    await replica.commit(changes)
    return replaced
  }

  it('applies newer records anew, without the replaced history as a parent', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await putRun(a, X, 'secret')
    await putRun(a, Y)
    await b.pull(a)
    await putRun(b, Z)
    await putRun(b, X, 'secret too')
    await purge(a, X)
    const headOfA = a.headOid
    const headOfB = b.headOid
    const merged = await a.pull(b)
    expect(merged.status).equal('reapplied')
    expect((await readCommit(a.store, a.headOid)).parents).deep.equal([headOfA])
    expect(await a.find(folderOf(X))).equal(undefined)
    expect(await a.find(folderOf(Y))).not.equal(undefined)
    expect(await a.find(folderOf(Z))).not.equal(undefined)
    b.store.add(a.store.objects.values())
    const there = await mergeHeads(b.store, hash, headOfB, headOfA)
    expect(there.headOid).equal(a.headOid)
    expect((await b.pull(a)).headOid).equal(a.headOid)
  })

  it('takes the purged branch as it is if the other has nothing new', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await putRun(a, X, 'secret')
    await putRun(a, Y)
    await b.pull(a)
    await purge(a, X)
    const merged = await b.pull(a)
    expect(merged).deep.include({ status: 'reapplied', headOid: a.headOid, created: [] })
  })

  it('keeps a delete that was made after the purge', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await putRun(a, X, 'secret')
    await putRun(a, Y)
    await b.pull(a)
    await purge(a, X)
    await remove(a, Y)
    await putRun(b, Z)
    await a.pull(b)
    expect(await a.find(folderOf(Y))).equal(undefined)
    expect(await a.find(folderOf(Z))).not.equal(undefined)
  })

  it('builds on the first commit if both heads hold what the other purged', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await putRun(a, X)
    await b.pull(a)
    const shared = a.headOid
    await putRun(a, Y)
    await putRun(b, Z)
    const list = (paths: readonly string[]) =>
      file('purged', { schema: 'purged/1', paths, heads: [shared] })
    const path = pathOf({ kind: 'purged', experiment: 'e' })
    await a.commit(new Map([[path, list([folderOf(X)])]]))
    await b.commit(new Map([[path, list([folderOf(X), 'experiments/e/runs/0'])]]))
    await a.pull(b)
    expect((await readCommit(a.store, a.headOid)).parents).deep.equal([FIRST_COMMIT_OID])
    expect(await a.find(folderOf(Z))).not.equal(undefined)
  })
})

describe('a replica', () => {
  it('refuses nothing that a branch of another program holds', async () => {
    const [a, b] = makeReplicas(2) as [Replica, Replica]
    await a.commit(new Map([['README.md', text('hello')]]))
    await b.commit(new Map([['README.md', text('hello there')]]))
    await a.pull(b)
    expect(await a.bytes('README.md')).deep.equal(text('hello there'))
  })
})
