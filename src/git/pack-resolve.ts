import { formatHex } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'
import { applyDelta } from './delta.ts'
import { gitErrors } from './errors.ts'
import type { NameSet } from './name-set.ts'
import { formatObjectHeader, type GitObject, type ObjectType, type Oid } from './objects.ts'
import type { PackContent } from './pack-content.ts'
import type { PackLinks } from './pack-links.ts'
import { OFS_DELTA, PACKED_TYPES, type PackTable } from './pack-table.ts'

/** What the objects of a pack are named with. */
export interface ResolveContext {
  readonly hash: Hash
  /** The pack's path, for the messages of errors. */
  readonly path: string
  readonly table: PackTable
  /** The objects that deltas name as their bases. */
  readonly baseNames: NameSet
  /** As many bytes as it keeps, bases hold that wait for deltas; those that wait longest are made again. */
  readonly content: PackContent
  readonly links: PackLinks
  /** Default: nobody. */
  readonly onObject?: ObjectListener | undefined
}

/** Hears of an object that was named; neither array is its own. */
export type ObjectListener = (type: ObjectType, name: Uint8Array, bytes: Uint8Array) => void

/** Where entries come from that are needed again. */
export interface ResolveSources {
  /** Returns the inflated bytes of an entry as they lie in the pack. */
  readEntry(number: number): Promise<Uint8Array>
  /** Returns an object that the pack leaves out because the receiver has it. */
  readOutside(oid: Oid): Promise<GitObject | undefined>
  /** Default: none. */
  readonly signal?: AbortSignal | undefined
}

interface Task {
  readonly number: number
  readonly base: Base
}

/** An object that deltas build on. */
interface Base {
  readonly kind: number
  /** The number of its own delta, and what that builds on; `undefined` where it is no delta. */
  readonly from: Task | undefined
  /** Only what is made of a delta may be let go. */
  bytes: Uint8Array | undefined
  /** How many deltas wait for it. */
  left: number
}

/**
 * Names the objects of a pack, and notes what they name: at once where the base of a delta is still in
 * memory, which it mostly is, and the others at the end. A base is then held only as long as a delta
 * waits for it.
 */
export class PackResolver {
  readonly #context: ResolveContext
  readonly #pending: number[] = []
  /** Of an entry, and of a base by its name, the delta that waits for it and was listed last; -1 if none. */
  #waiting = new Int32Array(0)
  #waitingForName = new Int32Array(0)
  /** Of a delta, the next that waits for the same base. */
  #next = new Int32Array(0)
  #left = 0

  constructor(context: ResolveContext) {
    this.#context = context
  }

  /** Takes an entry as it comes. @throws GIT_PACK_DAMAGED, GIT_OBJECT_DAMAGED */
  take(number: number, bytes: Uint8Array): void {
    const { table, content } = this.#context
    const kind = table.kinds[number] as number
    const base = table.bases[number] as number
    const isReady = kind === OFS_DELTA && table.isResolved(base)
    const basis = isReady ? content.get(base) : undefined
    if (kind < OFS_DELTA) this.#name(number, kind, bytes)
    else if (basis !== undefined) {
      this.#name(number, table.kinds[base] as number, this.#apply(number, basis, bytes))
    } else {
      content.put(number, bytes)
      this.#pending.push(number)
    }
  }

  /**
   * Names what is left; returns the objects outside of the pack that deltas in it build on.
   *
   * @throws GIT_PACK_DAMAGED, GIT_OBJECT_DAMAGED
   */
  async finish(sources: ResolveSources): Promise<readonly GitObject[]> {
    const outside: GitObject[] = []
    if (this.#pending.length === 0) return outside
    const { table, baseNames } = this.#context
    this.#listWaiting()
    for (let number = 0; number < table.count; number++) {
      if (!table.isResolved(number)) continue
      const waiting = this.#takeWaiting(number)
      if (waiting.length === 0) continue
      const bytes = await this.#read(number, sources)
      const kind = table.kinds[number] as number
      await this.#resolveBelow(
        waiting,
        { kind, bytes, from: undefined, left: waiting.length },
        sources
      )
    }
    for (let name = 0; name < baseNames.count; name++) {
      if (this.#waitingForName[name] === -1) continue
      const object = await sources.readOutside(baseNames.oidAt(name))
      if (object === undefined) continue
      outside.push(object)
      const kind = PACKED_TYPES.indexOf(object.type)
      const waiting = this.#take(this.#waitingForName, name)
      const base = { kind, bytes: object.bytes, from: undefined, left: waiting.length }
      await this.#resolveBelow(waiting, base, sources)
    }
    if (this.#left > 0) throw this.#damaged(this.#describeMissing())
    return outside
  }

  #name(number: number, kind: number, bytes: Uint8Array): void {
    const { hash, table, content, links, onObject } = this.#context
    const type = PACKED_TYPES[kind] as ObjectType
    const name = hash.sha1(formatObjectHeader(type, bytes.length), bytes)
    table.names.set(name, number * 20)
    table.kinds[number] = kind
    content.put(number, bytes)
    links.collect(kind, bytes, () => this.#oidAt(number))
    onObject?.(type, name, bytes)
  }

  #listWaiting(): void {
    const { table, baseNames } = this.#context
    this.#waiting = new Int32Array(table.count).fill(-1)
    this.#next = new Int32Array(table.count).fill(-1)
    this.#waitingForName = new Int32Array(baseNames.count).fill(-1)
    this.#left = this.#pending.length
    for (const number of this.#pending) {
      const list = table.kinds[number] === OFS_DELTA ? this.#waiting : this.#waitingForName
      const base = table.bases[number] as number
      this.#next[number] = list[base] as number
      list[base] = number
    }
  }

  /** Takes the deltas that wait for an entry, by its place or its name. */
  #takeWaiting(number: number): number[] {
    const { table, baseNames } = this.#context
    const found = this.#take(this.#waiting, number)
    const name = baseNames.count === 0 ? -1 : baseNames.find(table.names, number * 20)
    return name < 0 ? found : [...found, ...this.#take(this.#waitingForName, name)]
  }

  #take(list: Int32Array, base: number): number[] {
    const found: number[] = []
    for (let number = list[base] as number; number >= 0; number = this.#next[number] as number) {
      found.push(number)
    }
    list[base] = -1
    this.#left -= found.length
    return found
  }

  async #resolveBelow(
    waiting: readonly number[],
    base: Base,
    sources: ResolveSources
  ): Promise<void> {
    const { kind } = base
    const stack: Task[] = waiting.map((number) => ({ number, base }))
    const held: Base[] = []
    let oldest = 0
    let heldBytes = 0
    for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
      const { number } = task
      const bytes = await this.#make(task, sources)
      this.#name(number, kind, bytes)
      // What was put on the stack after a base is through when the last of its own deltas is taken.
      if (--task.base.left === 0 && held.length > oldest && held.at(-1) === task.base) {
        held.pop()
        heldBytes -= letGo(task.base)
      }
      const children = this.#takeWaiting(number)
      if (children.length === 0) continue
      const below: Base = { kind, bytes, from: task, left: children.length }
      for (const child of children) stack.push({ number: child, base: below })
      held.push(below)
      heldBytes += bytes.length
      while (heldBytes > this.#context.content.limitBytes && held.length - oldest > 1) {
        heldBytes -= letGo(held[oldest++] as Base)
      }
    }
  }

  /** Applies a delta to its base, which is made again, and those below it, if it was let go. */
  async #make(task: Task, sources: ResolveSources): Promise<Uint8Array> {
    const { table, content } = this.#context
    const chain = [task]
    let { base } = task
    while (base.bytes === undefined) {
      chain.push(base.from as Task)
      base = (base.from as Task).base
    }
    let { bytes } = base
    for (const { number } of chain.reverse()) {
      sources.signal?.throwIfAborted()
      // Of one that was named already, the content is kept, and no longer the delta.
      const kept = table.isResolved(number) ? undefined : content.get(number)
      const delta = kept ?? (await sources.readEntry(number))
      bytes = this.#apply(number, bytes, delta)
    }
    return bytes
  }

  /** Returns the content of an entry that was named as it came. */
  async #read(start: number, sources: ResolveSources): Promise<Uint8Array> {
    const { table, content } = this.#context
    const chain: number[] = []
    let number = start
    let bytes = content.get(number)
    while (bytes === undefined && (table.bases[number] as number) >= 0) {
      chain.push(number)
      number = table.bases[number] as number
      bytes = content.get(number)
    }
    bytes ??= await sources.readEntry(number)
    for (const delta of chain.reverse()) {
      bytes = this.#apply(delta, bytes, await sources.readEntry(delta))
    }
    return bytes
  }

  #apply(number: number, base: Uint8Array, delta: Uint8Array): Uint8Array {
    const bytes = tryApply(base, delta)
    if (bytes !== undefined) return bytes
    const { table } = this.#context
    throw this.#damaged(`the delta at ${table.offsets[number]} does not fit its base`)
  }

  #describeMissing(): string {
    const name = this.#waitingForName.findIndex((number) => number >= 0)
    if (name < 0) return 'a delta has no base'
    return `the base ${this.#context.baseNames.oidAt(name)} of a delta is missing`
  }

  #oidAt(number: number): Oid {
    return formatHex(this.#context.table.names, number * 20, number * 20 + 20)
  }

  #damaged(reason: string): Error {
    return gitErrors.create('GIT_PACK_DAMAGED', { path: this.#context.path, reason })
  }
}

/** Lets the bytes of a base go; returns how many they were. */
function letGo(base: Base): number {
  const sizeBytes = base.bytes?.length ?? 0
  base.bytes = undefined
  return sizeBytes
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
