import { encodeUtf8 } from '../../src/base/bytes.ts'
import { formatTime } from '../../src/base/time.ts'
import { pathOf } from '../../src/format/paths.ts'
import { formatRecord, parseRecord } from '../../src/format/record.ts'
import { formatCommit, readCommit } from '../../src/git/commit.ts'
import { createObject, EMPTY_TREE, type GitObject, type Oid } from '../../src/git/objects.ts'
import { FILE_MODE, type TreeEntry, type TreeTarget } from '../../src/git/tree.ts'
import { editTree } from '../../src/git/tree-edit.ts'
import { listFolder, readPath } from '../../src/git/tree-walk.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import type { KeyOf, Kind, RecordOfKind } from '../../src/model/kinds.ts'
import { type MergedHeads, mergeHeads } from '../../src/store/merge-commits.ts'

export const { hash } = createNodePlatform()

/** Objects in a map, with the reading that merging needs. */
export class ObjectMap {
  readonly objects = new Map<Oid, GitObject>()

  async read(oid: Oid): Promise<GitObject | undefined> {
    return this.objects.get(oid)
  }

  add(objects: Iterable<GitObject>): void {
    for (const object of objects) this.objects.set(object.oid, object)
  }

  addNew(type: GitObject['type'], bytes: Uint8Array): Oid {
    const object = createObject(hash, type, bytes)
    this.objects.set(object.oid, object)
    return object.oid
  }
}

/** What a commit of a replica changes: contents by path; `null` removes a file or folder. */
export type Changes = Map<string, Uint8Array | TreeTarget | null>

/** A machine with one branch and a clock that may be wrong. */
export class Replica {
  readonly store = new ObjectMap()
  readonly writer: string
  readonly clock: { now(): number }
  headOid: Oid
  /** What heads have taken over without naming it as a parent, by head. */
  readonly squashed: [headOid: Oid, fromOid: Oid][] = []

  constructor(writer: string, clock: { now(): number }, first: GitObject) {
    this.writer = writer
    this.clock = clock
    this.store.add([first, { oid: EMPTY_TREE, type: 'tree', bytes: new Uint8Array() }])
    this.headOid = first.oid
  }

  async treeOid(): Promise<Oid> {
    return (await readCommit(this.store, this.headOid)).tree
  }

  async find(path: string): Promise<TreeEntry | undefined> {
    return readPath(this.store, await this.treeOid(), path)
  }

  async list(path: string): Promise<readonly TreeEntry[]> {
    return (await listFolder(this.store, await this.treeOid(), path)) ?? []
  }

  async bytes(path: string): Promise<Uint8Array | undefined> {
    const entry = await this.find(path)
    return entry === undefined ? undefined : this.store.objects.get(entry.oid)?.bytes
  }

  async record<K extends Kind>(key: KeyOf<K> & { kind: K }): Promise<RecordOfKind[K] | undefined> {
    const path = pathOf(key as never)
    const bytes = await this.bytes(path)
    return bytes === undefined ? undefined : parseRecord(key.kind, bytes, path)
  }

  /** Commits changes and returns the commit. */
  async commit(changes: Changes): Promise<Oid> {
    const targets = new Map<string, TreeTarget | null>()
    for (const [path, content] of changes) {
      const isBytes = content instanceof Uint8Array
      const oid = isBytes ? this.store.addNew('blob', content) : ''
      targets.set(path, isBytes ? { mode: FILE_MODE, oid } : content)
    }
    const { rootOid, created } = await editTree(this.store, await this.treeOid(), targets, hash)
    this.store.add(created)
    return this.#advance(rootOid)
  }

  #advance(tree: Oid): Oid {
    const epochSeconds = Math.floor(this.clock.now() / 1000)
    const identity = { name: this.writer, email: '', epochSeconds, offset: '+0000' }
    const parents = [this.headOid]
    const text = { tree, parents, author: identity, committer: identity, message: 'put\n' }
    this.headOid = this.store.addNew('commit', formatCommit(text))
    return this.headOid
  }

  /** Merges a head of another replica into this one. */
  async pull(from: Replica, headOid = from.headOid): Promise<MergedHeads> {
    this.store.add(from.store.objects.values())
    const merged = await mergeHeads(this.store, hash, this.headOid, headOid)
    this.store.add(merged.created)
    this.headOid = merged.headOid
    return merged
  }

  /** Takes over what another replica has as one commit of its own, as forges do when told to squash. */
  async squash(from: Replica): Promise<void> {
    this.store.add(from.store.objects.values())
    const merged = await mergeHeads(this.store, hash, this.headOid, from.headOid)
    this.store.add(merged.created)
    const { tree } = await readCommit(this.store, merged.headOid)
    if (tree !== (await this.treeOid())) this.#advance(tree)
    this.squashed.push([this.headOid, from.headOid])
  }

  now(): string {
    return formatTime(this.clock.now())
  }
}

/** Formats a record for a commit. */
export function file<K extends Kind>(kind: K, record: RecordOfKind[K]): Uint8Array {
  return formatRecord(kind, record)
}

/** Makes text for a commit. */
export function text(content: string): Uint8Array {
  return encodeUtf8(content)
}
