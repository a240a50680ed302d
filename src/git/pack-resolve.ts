import type { Hash } from '../base/platform.ts'
import { applyDelta } from './delta.ts'
import { gitErrors } from './errors.ts'
import { computeOid, type GitObject, type ObjectType, type Oid } from './objects.ts'
import type { PackEntry } from './pack-index.ts'
import type { ParsedEntry } from './pack-parse.ts'

/** An entry whose object is known. */
export interface ResolvedEntry extends PackEntry {
  readonly type: ObjectType
}

/** What deltas are resolved with. */
export interface ResolveContext {
  readonly hash: Hash
  /** The pack's path, for the messages of errors. */
  readonly path: string
  /** Returns the inflated bytes of an entry. */
  readEntry(entry: ParsedEntry): Promise<Uint8Array>
  /** Hears of each object that was put together. */
  onObject(object: GitObject): void
  /** Returns an object that the pack leaves out because the receiver has it. */
  readOutside(oid: Oid): Promise<GitObject | undefined>
}

/** The objects of a pack, and those outside of it that its deltas need. */
export interface ResolvedPack {
  readonly entries: readonly ResolvedEntry[]
  readonly outside: readonly GitObject[]
}

interface Task {
  readonly entry: ParsedEntry
  readonly base: { readonly type: ObjectType; readonly bytes: Uint8Array }
}

/**
 * Names the objects that lie in a pack as deltas.
 *
 * A base is held only as long as a delta waits for it, so memory is bounded by the longest chain.
 *
 * @throws GIT_PACK_DAMAGED
 */
export async function resolvePack(
  context: ResolveContext,
  entries: readonly ParsedEntry[]
): Promise<ResolvedPack> {
  const children = new Map<number | Oid, ParsedEntry[]>()
  const resolved: ResolvedEntry[] = []
  let waiting = 0
  for (const entry of entries) {
    if (!('base' in entry.content)) continue
    const siblings = children.get(entry.content.base)
    if (siblings === undefined) children.set(entry.content.base, [entry])
    else siblings.push(entry)
    waiting++
  }
  const take = (key: number | Oid): readonly ParsedEntry[] => {
    const found = children.get(key) ?? []
    children.delete(key)
    waiting -= found.length
    return found
  }
  const resolveBelow = async (offset: number, oid: Oid, base: Task['base']): Promise<void> => {
    const stack: Task[] = [...take(offset), ...take(oid)].map((entry) => ({ entry, base }))
    for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
      const { entry } = task
      const bytes = await applyEntry(context, task)
      const object = { type: task.base.type, bytes }
      const name = computeOid(context.hash, object.type, bytes)
      resolved.push({ oid: name, offset: entry.offset, crc: entry.crc, type: object.type })
      context.onObject({ oid: name, ...object })
      for (const child of [...take(entry.offset), ...take(name)]) {
        stack.push({ entry: child, base: object })
      }
    }
  }
  for (const entry of entries) {
    const { offset, crc, content } = entry
    if ('base' in content) continue
    resolved.push({ oid: content.oid, offset, crc, type: content.type })
    if (!children.has(offset) && !children.has(content.oid)) continue
    const bytes = await context.readEntry(entry)
    await resolveBelow(offset, content.oid, { type: content.type, bytes })
  }
  const outside: GitObject[] = []
  for (const key of [...children.keys()]) {
    if (typeof key === 'number' || !children.has(key)) continue
    const base = await context.readOutside(key)
    if (base === undefined) continue
    outside.push(base)
    await resolveBelow(-1, key, base)
  }
  if (waiting > 0) {
    const base = [...children.keys()].find((key) => typeof key === 'string')
    const reason =
      base === undefined ? 'a delta has no base' : `the base ${base} of a delta is missing`
    throw gitErrors.create('GIT_PACK_DAMAGED', { path: context.path, reason })
  }
  return { entries: resolved, outside }
}

async function applyEntry(context: ResolveContext, { entry, base }: Task): Promise<Uint8Array> {
  const delta = await context.readEntry(entry)
  const bytes = tryApply(base.bytes, delta)
  if (bytes !== undefined) return bytes
  const reason = `the delta at ${entry.offset} does not fit its base`
  throw gitErrors.create('GIT_PACK_DAMAGED', { path: context.path, reason })
}

/** Applies a delta; one that claims a size beyond what memory holds is damaged. */
function tryApply(base: Uint8Array, delta: Uint8Array): Uint8Array | undefined {
  try {
    return applyDelta(base, delta)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
