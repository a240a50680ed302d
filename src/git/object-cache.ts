import { ByteCache } from './byte-cache.ts'
import type { GitObject, Oid } from './objects.ts'

const LIMIT_BYTES = 16 << 20
/** Larger ones cost little beside what is done with them. */
const MAX_OBJECT_BYTES = 64 << 10
/** What an entry costs beside its bytes. */
const ENTRY_BYTES = 300

/**
 * Keeps the commits and trees that were read or written last: every look at a branch goes through the
 * same few. Objects never change, so one that is kept is right for good.
 */
export class ObjectCache {
  readonly #kept = new ByteCache<GitObject>(LIMIT_BYTES)

  get(oid: Oid): GitObject | undefined {
    return this.#kept.get(oid)
  }

  keep(object: GitObject): void {
    if (object.type !== 'tree' && object.type !== 'commit') return
    const { length } = object.bytes
    if (length <= MAX_OBJECT_BYTES) this.#kept.set(object.oid, object, length + ENTRY_BYTES)
  }
}
