import { ByteCache } from './byte-cache.ts'
import { parseCommit } from './commit.ts'
import type { CommitNode } from './commit-graph.ts'
import { walkCommits } from './commit-walk.ts'
import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import { EMPTY_TREE, type GitObject, type ObjectType, type Oid } from './objects.ts'
import { parseTagTarget } from './tag.ts'
import { FOLDER_MODE, parseTree, type TreeEntry } from './tree.ts'
import { parseDifference } from './tree-pair.ts'

/** An object that a walk came upon. */
export interface ReachedObject {
  readonly oid: Oid
  readonly type: ObjectType
  /** What lay at the same path in the commit before: a good base for a delta. */
  readonly basisOid?: Oid
  /** The name of a file where it was come upon; files of one name are often alike. */
  readonly name?: string
}

/** What a walk is for. */
export interface WalkOptions {
  /**
   * What trees are read with that are not among the objects, such as those that were left at a remote.
   * Default: nothing.
   */
  readonly trees?: Reader
  /** Refuses history that ends at an edge, since somebody else is to have all of it. Default: false. */
  readonly isWhole?: boolean
}

type Reader = Pick<ObjectReader, 'read'>

/**
 * Walks the objects that are reachable from some and not from others, each once: tags, then commit
 * by commit, the oldest first, the commit and what in its tree differs from its parents' trees.
 *
 * An object that is reachable from a known commit in another place may come all the same. Of files
 * only the names are looked at: whether a blob is there is the caller's to ask.
 *
 * @throws GIT_OBJECT_MISSING if a tag, commit or tree is not there; GIT_OBJECT_TYPE, GIT_OBJECT_DAMAGED;
 * GIT_HISTORY_CUT with `isWhole`.
 */
export async function* walkNewObjects(
  objects: Reader,
  wanted: Iterable<Oid>,
  known: Iterable<Oid>,
  options: WalkOptions = {}
): AsyncGenerator<ReachedObject> {
  const trees = new TreeWalk(options.trees ?? objects)
  const stop = await peelKnown(objects, known, trees.seen)
  const heads: Oid[] = []
  const queue = [...wanted]
  for (const oid of queue) {
    if (stop.has(oid) || trees.seen.has(oid)) continue
    const object = await readThere(objects, oid)
    if (object.type === 'commit') {
      heads.push(oid)
    } else if (object.type === 'tree') {
      yield* await trees.collect(oid, [], [])
    } else {
      trees.seen.add(oid)
      yield { oid, type: object.type }
      if (object.type === 'tag') queue.push(parseTagTarget(object).oid)
    }
  }
  yield* walkHistory(objects, heads, stop, trees, options.isWhole ?? false)
}

/** With more trees of parents than so many none is compared: each costs a look for each of its files. */
const MAX_BEFORE = 64

async function* walkHistory(
  objects: Reader,
  heads: readonly Oid[],
  stop: ReadonlySet<Oid>,
  trees: TreeWalk,
  isWhole: boolean
): AsyncGenerator<ReachedObject> {
  const commits: CommitNode[] = []
  for await (const commit of walkCommits(objects, heads, { stop })) {
    if (isWhole && commit.isEdge) throw gitErrors.create('GIT_HISTORY_CUT', { oid: commit.oid })
    commits.push(commit)
  }
  const treeOf = new Map(commits.map((commit) => [commit.oid, commit.tree]))
  for (const commit of commits.reverse()) {
    const before = new Set<Oid>()
    for (const parent of commit.parents) {
      const tree = treeOf.get(parent) ?? parseCommit(await readThere(objects, parent)).tree
      if (before.size < MAX_BEFORE) before.add(tree)
    }
    const basisOid = commit.parents[0]
    yield { oid: commit.oid, type: 'commit', ...(basisOid === undefined ? {} : { basisOid }) }
    yield* await trees.collect(commit.tree, [...before], [])
  }
}

/** Follows the tags among known objects; those that are absent are left out. */
async function peelKnown(
  objects: Reader,
  known: Iterable<Oid>,
  seen: Set<Oid>
): Promise<ReadonlySet<Oid>> {
  const commits = new Set<Oid>()
  for (const start of known) {
    let oid: Oid | undefined = commits.has(start) || seen.has(start) ? undefined : start
    while (oid !== undefined) {
      const object: GitObject | undefined = await objects.read(oid)
      if (object?.type === 'commit') commits.add(oid)
      else if (object !== undefined && object.type !== 'tree') seen.add(oid)
      oid = object?.type === 'tag' ? parseTagTarget(object).oid : undefined
    }
  }
  return commits
}

async function readThere(objects: Reader, oid: Oid): Promise<GitObject> {
  const object = await objects.read(oid)
  if (object === undefined) throw gitErrors.create('GIT_OBJECT_MISSING', { oid })
  return object
}

/** Trees whose entries were not parsed long ago are parsed but once. */
const KEPT_BYTES = 32 << 20

class TreeWalk {
  readonly seen = new Set<Oid>()
  readonly #objects: Reader
  readonly #parsed = new ByteCache<readonly TreeEntry[]>(KEPT_BYTES)

  constructor(objects: Reader) {
    this.#objects = objects
  }

  /** Adds to `found` what a tree has and none of the others has at the same path. */
  async collect(
    treeOid: Oid,
    before: readonly Oid[],
    found: ReachedObject[]
  ): Promise<readonly ReachedObject[]> {
    if (this.seen.has(treeOid) || before.includes(treeOid)) return found
    this.seen.add(treeOid)
    found.push(reached(treeOid, 'tree', before[0]))
    const { entries, olds } = await this.#compare(treeOid, before)
    for (const entry of entries) {
      const alike: Oid[] = []
      for (const old of olds) {
        const other = old.find(entry.name)
        if (other !== undefined && isTree(other) === isTree(entry)) alike.push(other.oid)
      }
      if (alike.includes(entry.oid) || entry.mode === '160000') continue
      if (isTree(entry)) {
        await this.collect(entry.oid, alike, found)
      } else if (!this.seen.has(entry.oid)) {
        this.seen.add(entry.oid)
        found.push({ ...reached(entry.oid, 'blob', alike[0]), name: entry.name })
      }
    }
    return found
  }

  /** Returns the entries of a tree and those of others; some that one other has as well may be left out. */
  async #compare(
    treeOid: Oid,
    before: readonly Oid[]
  ): Promise<{ readonly entries: readonly TreeEntry[]; readonly olds: readonly OldEntries[] }> {
    const [first] = before
    if (first !== undefined && before.length === 1) {
      const { entries, others } = parseDifference(
        await this.#read(treeOid),
        await this.#read(first)
      )
      return { entries, olds: [new OldEntries(others)] }
    }
    const olds: OldEntries[] = []
    for (const oid of before) olds.push(new OldEntries(await this.#entries(oid)))
    return { entries: await this.#entries(treeOid), olds }
  }

  async #entries(treeOid: Oid): Promise<readonly TreeEntry[]> {
    const kept = this.#parsed.get(treeOid)
    if (kept !== undefined) return kept
    const entries = parseTree(await this.#read(treeOid))
    this.#parsed.set(treeOid, entries, 100 + entries.length * 150)
    return entries
  }

  async #read(treeOid: Oid): Promise<GitObject> {
    const tree = await this.#objects.read(treeOid)
    if (tree !== undefined) return tree
    // Git knows the empty tree without having it.
    if (treeOid === EMPTY_TREE) return { oid: treeOid, type: 'tree', bytes: new Uint8Array() }
    throw gitErrors.create('GIT_OBJECT_MISSING', { oid: treeOid, type: 'tree' })
  }
}

/** After so many entries out of step, finding by name pays. */
const MAX_MISSES = 8

/** Entries of an earlier tree, asked for in the order of a later one, which is mostly the same. */
class OldEntries {
  readonly #entries: readonly TreeEntry[]
  #at = 0
  #misses = 0
  #byName: Map<string, TreeEntry> | undefined

  constructor(entries: readonly TreeEntry[]) {
    this.#entries = entries
  }

  find(name: string): TreeEntry | undefined {
    if (this.#byName !== undefined) return this.#byName.get(name)
    const next = this.#entries[this.#at]
    if (next?.name === name) {
      this.#at++
      return next
    }
    if (++this.#misses > MAX_MISSES) {
      this.#byName = new Map(this.#entries.map((entry) => [entry.name, entry]))
      return this.#byName.get(name)
    }
    const found = this.#entries.findIndex((entry) => entry.name === name)
    if (found < 0) return undefined
    this.#at = found + 1
    return this.#entries[found]
  }
}

function reached(oid: Oid, type: ObjectType, basisOid: Oid | undefined): ReachedObject {
  return basisOid === undefined ? { oid, type } : { oid, type, basisOid }
}

function isTree(entry: TreeEntry): boolean {
  return entry.mode === FOLDER_MODE
}
