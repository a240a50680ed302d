import type { Timers } from '../base/platform.ts'
import type { GitObject, ObjectType, Oid } from './objects.ts'
import type { PackContent } from './pack-content.ts'
import type { PackFile } from './pack-read.ts'
import { PACKED_TYPES, type PackTable } from './pack-table.ts'

/** So long what came with a pack stays in memory: mostly it is looked at at once. */
const KEPT_MS = 10_000

/** The objects of a pack as they were inflated and named while it came. */
interface Inflated {
  readonly table: PackTable
  readonly content: PackContent
}

/** What is kept of packs; it goes for all at once to whom it was handed on. */
const keptOf = new WeakMap<PackFile, { inflated: Inflated | undefined }>()

/** Lets go of what came last. */
let forgetLast = (): void => undefined

/** Keeps the objects of a pack for a while, or until another comes: those of many would fill the memory. */
export function keepObjects(pack: PackFile, inflated: Inflated, timers: Timers): void {
  forgetLast()
  const kept: { inflated: Inflated | undefined } = { inflated }
  keptOf.set(pack, kept)
  const stop = timers.every(KEPT_MS, () => forget())
  const forget = (): void => {
    stop()
    kept.inflated = undefined
  }
  forgetLast = forget
}

/** Lets a pack that is another in another place have what is kept of it. */
export function handOn(from: PackFile, to: PackFile): void {
  const kept = keptOf.get(from)
  if (kept?.inflated !== undefined) keptOf.set(to, kept)
}

/** Returns an object of a pack by its position in the index, if it is kept. */
export function keptObject(pack: PackFile, position: number, oid: Oid): GitObject | undefined {
  const inflated = keptOf.get(pack)?.inflated
  if (inflated === undefined) return undefined
  const { table, content } = inflated
  const number = table.findOffset(pack.index.offsetAt(position))
  const bytes = number < 0 ? undefined : content.get(number)
  if (bytes === undefined) return undefined
  // A view of what is kept would keep all of it.
  return {
    oid,
    type: PACKED_TYPES[table.kinds[number] as number] as ObjectType,
    bytes: bytes.slice()
  }
}
