import { expect } from 'chai'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { equalJson } from '../../src/base/json.ts'
import { FIRST_COMMIT_OID, FIRST_COMMIT_TEXT } from '../../src/format/constants.ts'
import { summarizeResult, summarizeRun } from '../../src/format/merge-summaries.ts'
import { artifactPath, folderOf } from '../../src/format/paths.ts'
import { isAncestor } from '../../src/git/ancestry.ts'
import { readCommit } from '../../src/git/commit.ts'
import { createObject, type Oid } from '../../src/git/objects.ts'
import { readPath } from '../../src/git/tree-walk.ts'
import { mergeHeads } from '../../src/store/merge-commits.ts'
import { mergeTrees } from '../../src/store/merge-trees.ts'
import { fsck } from '../support/git.ts'
import { makeRepository } from '../support/repositories.ts'
import { hash, Replica } from './merge-replica.ts'
import { Actor, ALL_RUNS, type Events, readRows, readSeries } from './merge-schedule.ts'

/** `RUNTREE_SCHEDULES` plays more, in search of a schedule that fails. */
const SCHEDULES = Number(process.env.RUNTREE_SCHEDULES ?? 200)
const STEPS = 90
const HOUR_MS = 3_600_000

interface Outcome {
  readonly replicas: readonly Replica[]
  readonly events: Events
  /** Heads before the last round of syncs. */
  readonly heads: readonly Oid[]
}

/** The generator “mulberry32”. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Plays a schedule: three to five machines with clocks hours apart that now and then meet, in every
 * second one by way of a hub, in every third one now and then with a commit that hides where it is from.
 */
async function play(seed: number, withDeletes: boolean): Promise<Outcome> {
  const random = createRandom(seed)
  const actor = new Actor(random)
  let nowMs = Date.UTC(2026, 0, 1)
  const first = createObject(hash, 'commit', encodeUtf8(FIRST_COMMIT_TEXT))
  const writers = ['aaaaaa', 'bbbbbb', 'cccccc', 'dddddd', 'eeeeee'].slice(0, 3 + (seed % 3))
  const hub = seed % 2 === 0 ? new Replica('hhhhhh', { now: () => nowMs }, first) : undefined
  const replicas = writers.map((writer) => {
    const skewMs = Math.round((random() - 0.5) * 8 * HOUR_MS)
    return new Replica(writer, { now: () => nowMs + skewMs }, first)
  })
  const past = new Map(replicas.map((replica) => [replica, [first.oid as Oid]]))
  for (let step = 0; step < STEPS; step++) {
    nowMs += Math.round(random() * HOUR_MS)
    const replica = actor.pick(replicas)
    if (random() < 0.75) await actor.act(replica, withDeletes)
    else if (seed % 3 === 0 && random() < 0.2) await replica.squash(actor.pick(replicas))
    else if (hub !== undefined) {
      await replica.pull(hub)
      await hub.pull(replica)
    } else {
      const other = actor.pick(replicas)
      // Sometimes what is fetched is no longer the newest.
      const known = past.get(other) as Oid[]
      await replica.pull(other, random() < 0.3 ? actor.pick(known.slice(-3)) : other.headOid)
      if (random() < 0.5) await other.pull(replica)
    }
    for (const each of replicas) past.get(each)?.push(each.headOid)
  }
  const heads = replicas.map(({ headOid }) => headOid)
  await settle(replicas, random)
  return { replicas, events: actor.events, heads }
}

/** Lets every replica meet every other until nobody's head moves. */
async function settle(replicas: readonly Replica[], random: () => number): Promise<void> {
  for (let round = 0; round < 10; round++) {
    const before = replicas.map(({ headOid }) => headOid).join()
    const order = [...replicas].sort(() => random() - 0.5)
    for (const one of order) for (const other of order) if (one !== other) await one.pull(other)
    if (replicas.map(({ headOid }) => headOid).join() === before) return
  }
  expect.fail('the replicas do not come to rest')
}

/** Lists what led to a commit, what was squashed on the way included. */
async function listSeen(replicas: readonly Replica[], startOid: Oid): Promise<ReadonlySet<Oid>> {
  const { store } = replicas[0] as Replica
  const squashed = replicas.flatMap((replica) => replica.squashed)
  const seen = new Set<Oid>()
  const waiting = [startOid]
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    if (seen.has(oid)) continue
    seen.add(oid)
    waiting.push(...(await readCommit(store, oid)).parents)
    for (const [headOid, fromOid] of squashed) if (headOid === oid) waiting.push(fromOid)
  }
  return seen
}

/**
 * Tells whether a delete had seen all that a commit said of the object: what a later attempt has made
 * void before, for one, adds nothing to what was deleted.
 */
async function addsNothing(
  { store }: Replica,
  deleted: Events['deletes'][number],
  commitOid: Oid
): Promise<boolean> {
  const [beforeOid] = (await readCommit(store, deleted.commitOid)).parents as [Oid]
  const theirs = (await readCommit(store, beforeOid)).tree
  const ours = (await readCommit(store, commitOid)).tree
  const { treeOid, created } = await mergeTrees(store, hash, { ours, theirs, bases: [] })
  store.add(created)
  const joined = await readPath(store, treeOid, deleted.path)
  return joined?.oid === (await readPath(store, theirs, deleted.path))?.oid
}

/** Tells what was acknowledged, is not there, and was not deleted by somebody who knew of it. */
async function findLost({ replicas, events }: Outcome): Promise<string[]> {
  const [replica] = replicas as [Replica]
  const lost: string[] = []
  const seen = new Map<Oid, ReadonlySet<Oid>>()
  for (const { commitOid } of events.deletes) {
    seen.set(commitOid, await listSeen(replicas, commitOid))
  }
  const series = new Map<string, string>()
  for (const run of ALL_RUNS) {
    let all = ''
    for (const { oid } of await replica.list(`${folderOf(run)}/series`)) {
      all += new TextDecoder().decode(replica.store.objects.get(oid)?.bytes)
    }
    series.set(run.run, all)
  }
  for (const { path, commitOid, run, field, point } of events.changes) {
    let isDeleted = false
    for (const deleted of events.deletes) {
      const concerns = `${path}/`.startsWith(`${deleted.path}/`)
      isDeleted ||= concerns && seen.get(deleted.commitOid)?.has(commitOid) === true
      isDeleted ||= concerns && (await addsNothing(replica, deleted, commitOid))
    }
    if (isDeleted) continue
    if ((await replica.find(path)) === undefined) lost.push(`${path} of ${commitOid}`)
    else if (point !== undefined && !series.get(run as string)?.includes(point)) {
      lost.push(`a point of ${path}: ${point}`)
    } else if (field !== undefined) {
      const key = { kind: 'run', experiment: 'e', run: run as string } as const
      const record = await replica.record(key)
      const stamp =
        field.path === 'status'
          ? [record?.edits?.status ?? '', record?.attempt ?? ''].sort()[1]
          : record?.edits?.[field.path]
      if ((stamp ?? '') < field.stamp) lost.push(`${field.path} of ${path}: ${field.stamp}`)
    }
  }
  return lost
}

/** Tells where records and what lies beside them disagree. */
async function findInconsistencies(replica: Replica): Promise<string[]> {
  const found: string[] = []
  for (const key of ALL_RUNS) {
    const run = await replica.record(key)
    if (run === undefined) {
      if ((await replica.find(folderOf(key))) !== undefined) found.push(`${key.run} has no record`)
      continue
    }
    const execution = {
      kind: 'execution',
      experiment: 'e',
      execution: run.execution as string
    } as const
    if ((await replica.record(execution)) === undefined) found.push(`${key.run} has no execution`)
    const summarized = summarizeRun(run, await readSeries(replica, key))
    if (!equalJson(run.metrics, summarized.metrics)) found.push(`metrics of ${key.run}`)
    for (const name of ['model', 'plots/a']) {
      const entry = run.artifacts?.[name]
      const hasBlob = (await replica.find(artifactPath(key, name))) !== undefined
      const reference = await replica.record({ ...key, kind: 'artifact', name })
      if (hasBlob !== (entry?.digest !== undefined)) found.push(`artifact ${name} of ${key.run}`)
      if (reference?.uri !== entry?.uri) found.push(`reference ${name} of ${key.run}`)
    }
    for (const name of ['cases', 'more']) {
      const place = { ...key, kind: 'result', name } as const
      const result = await replica.record(place)
      const rows = [...(await readRows(replica, folderOf(place)))].sort().map(([, bytes]) => bytes)
      if (
        result === undefined ? rows.length > 0 : !equalJson(result, summarizeResult(result, rows))
      ) {
        found.push(`result ${name} of ${key.run}`)
      }
    }
  }
  return found
}

describe('machines that merge whatever they know, with clocks hours apart', function () {
  this.timeout(Math.max(180_000, SCHEDULES * 500))

  it('end with one head and one tree, lose nothing, and keep records and files in step', async () => {
    let merges = 0
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const outcome = await play(seed, true)
      const [first, ...others] = outcome.replicas as [Replica, ...Replica[]]
      const tree = await first.treeOid()
      for (const other of others) {
        expect(other.headOid, `head in schedule ${seed}`).equal(first.headOid)
        expect(await other.treeOid(), `tree in schedule ${seed}`).equal(tree)
      }
      expect(await findLost(outcome), `lost in schedule ${seed}`).deep.equal([])
      expect(await findInconsistencies(first), `in schedule ${seed}`).deep.equal([])
      for (const { type, bytes } of first.store.objects.values()) {
        if (type === 'commit' && new TextDecoder().decode(bytes).includes('\nparent ')) {
          merges += new TextDecoder().decode(bytes).split('\nparent ').length > 2 ? 1 : 0
        }
      }
    }
    // Whoever changes the schedules into ones in which hardly anybody merges tests nothing.
    expect(merges).greaterThan(SCHEDULES * 5)
  })

  it('come to the same tree whichever two meet first, if nothing is deleted', async () => {
    for (let seed = 1; seed <= SCHEDULES / 4; seed++) {
      const { replicas, heads } = await play(seed, false)
      const { store } = replicas[0] as Replica
      const trees = new Set<Oid>()
      for (const order of [
        [0, 1, 2],
        [0, 2, 1],
        [1, 2, 0]
      ]) {
        let head = heads[order[0] as number] as Oid
        for (const next of order.slice(1)) {
          const merged = await mergeHeads(store, hash, head, heads[next] as Oid)
          store.add(merged.created)
          head = merged.headOid
        }
        trees.add((await readCommit(store, head)).tree)
      }
      expect([...trees], `trees in schedule ${seed}`).length(1)
    }
  })

  it('leave repositories that git finds sound', async () => {
    for (const seed of [3, 71, 140]) {
      const { replicas } = await play(seed, true)
      const [replica] = replicas as [Replica]
      const test = await makeRepository()
      try {
        const held = await test.repository.objects.write([...replica.store.objects.values()])
        const edit = { ref: 'refs/heads/main', expected: null, value: replica.headOid }
        expect(await test.repository.refs.update([edit])).deep.equal({ status: 'updated' })
        await held.release()
        expect(fsck(test.path)).equal('')
      } finally {
        await test.close()
      }
    }
  })

  it('begin with the constant first commit', async () => {
    const { replicas } = await play(1, true)
    const [replica] = replicas as [Replica]
    expect(await isAncestor(replica.store, FIRST_COMMIT_OID, replica.headOid)).equal(true)
  })
})
