import { formatHex } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { parseCommit } from './commit.ts'
import { applyDelta } from './delta.ts'
import { createObject, type GitObject, MAX_OBJECT_BYTES, type Oid } from './objects.ts'
import { readEntryHead } from './pack-entry-head.ts'
import { OFS_DELTA, PACKED_TYPES, REF_DELTA } from './pack-table.ts'
import { parseTagTarget } from './tag.ts'
import { parseTree } from './tree.ts'

const HEADER = 12
/** No head of an entry is longer: a size, and a distance or a name. */
const HEAD_BYTES = 32
const WINDOW_BYTES = 1 << 20
/** What deflating adds is less than this and as much as the object is long. */
const SPARE_BYTES = 64 << 10

/** Something in a pack that inflates to as many bytes as its head says. */
interface Entry {
  readonly at: number
  readonly kind: number
  readonly sizeBytes: number
  /** Where the deflated bytes begin. */
  readonly contentAt: number
  /** Where a delta's base begins, or its name. */
  readonly base: number | Oid | undefined
}

/**
 * Gives the objects of a pack that are sound, whatever else has become of it and of its index: where an entry
 * is damaged, the next one is looked for byte by byte. What inflates without a fault to the size that stands
 * before it is an entry; the name of each object is computed from its bytes. `read` is asked for what deltas
 * build on: what was given before, and what lies elsewhere.
 */
export async function* salvagePack(
  fs: Pick<FileSystem, 'readRange'>,
  platform: Pick<Platform, 'hash' | 'zlib'>,
  path: string,
  read: (oid: Oid) => Promise<GitObject | undefined>
): AsyncGenerator<GitObject> {
  const scan = new PackScan(fs, platform, path)
  const found = new Map<number, Oid>()
  let deltas: Entry[] = []
  const name = (entry: Entry, type: GitObject['type'], bytes: Uint8Array): GitObject => {
    const object = createObject(platform.hash, type, bytes)
    found.set(entry.at, object.oid)
    return object
  }
  for await (const { entry, content } of scan.entries()) {
    const type = PACKED_TYPES[entry.kind]
    const object = type && name(entry, type, content.slice())
    if (object === undefined) deltas.push(entry)
    else if (isSound(object)) yield object
  }
  // A delta by name may lie before its base.
  for (let left = -1; left !== deltas.length; ) {
    left = deltas.length
    const waiting: Entry[] = []
    for (const entry of deltas) {
      const oid = typeof entry.base === 'number' ? found.get(entry.base) : entry.base
      const base = oid === undefined ? undefined : await read(oid)
      if (base === undefined) {
        waiting.push(entry)
        continue
      }
      const bytes = applyDelta(base.bytes, await scan.contentOf(entry))
      const object = bytes && name(entry, base.type, bytes)
      if (object !== undefined && isSound(object)) yield object
    }
    deltas = waiting
  }
}

/** Tells whether an object is what its type says: the head of an entry may be what is damaged. */
function isSound(object: GitObject): boolean {
  try {
    if (object.type === 'tree') parseTree(object)
    if (object.type === 'commit') parseCommit(object)
    if (object.type === 'tag') parseTagTarget(object)
    return true
  } catch {
    return false
  }
}

/** Reads a pack piece by piece. */
class PackScan {
  readonly #fs: Pick<FileSystem, 'readRange'>
  readonly #zlib: Platform['zlib']
  readonly #path: string
  #window: Uint8Array = new Uint8Array(0)
  #start = 0

  constructor(fs: Pick<FileSystem, 'readRange'>, { zlib }: Pick<Platform, 'zlib'>, path: string) {
    this.#fs = fs
    this.#zlib = zlib
    this.#path = path
  }

  /** Gives what looks like an entry, in order; its content is overwritten by the next one's. */
  async *entries(): AsyncGenerator<{ readonly entry: Entry; readonly content: Uint8Array }> {
    for (let at = HEADER; ; ) {
      const bytes = await this.#bytes(at, HEAD_BYTES)
      if (bytes.length === 0) return
      const entry = readHead(bytes, at)
      const part = entry && (await this.#inflate(entry))
      if (entry === undefined || part?.bytes.length !== entry.sizeBytes) {
        at += 1
        continue
      }
      yield { entry, content: part.bytes }
      at = entry.contentAt + part.usedBytes
    }
  }

  async contentOf(entry: Entry): Promise<Uint8Array> {
    return (await this.#inflate(entry))?.bytes.slice() ?? new Uint8Array(0)
  }

  async #inflate({ contentAt, sizeBytes }: Entry) {
    const least = Math.min(WINDOW_BYTES, 2 * sizeBytes + SPARE_BYTES)
    for (let length = least; ; length *= 4) {
      const bytes = await this.#bytes(contentAt, length)
      try {
        const part = this.#zlib.inflatePart(bytes, sizeBytes)
        const isAll = bytes.length < length || length > 2 * sizeBytes + SPARE_BYTES
        if (part !== undefined || isAll) return part
      } catch {
        return undefined
      }
    }
  }

  /** Returns bytes of the file, fewer at its end. */
  async #bytes(at: number, length: number): Promise<Uint8Array> {
    const from = at - this.#start
    if (from < 0 || from + length > this.#window.length) {
      const wanted = Math.max(length, WINDOW_BYTES)
      this.#window = (await this.#fs.readRange(this.#path, at, wanted)) ?? new Uint8Array(0)
      this.#start = at
    }
    return this.#window.subarray(at - this.#start, at - this.#start + length)
  }
}

/** Reads what precedes the deflated bytes of an entry; `undefined` if there is none here. */
function readHead(bytes: Uint8Array, start: number): Entry | undefined {
  const head = readEntryHead(bytes)
  const { kind, sizeBytes, typeBytes, distance } = head
  if (PACKED_TYPES[kind] === undefined && kind !== OFS_DELTA && kind !== REF_DELTA) return undefined
  if (sizeBytes > MAX_OBJECT_BYTES) return undefined
  let base: Entry['base']
  if (kind === OFS_DELTA) {
    base = start - distance
    if (distance === 0 || base < HEADER) return undefined
  } else if (kind === REF_DELTA) base = formatHex(bytes.subarray(typeBytes, typeBytes + 20))
  const at = head.bytes
  const [method, flags] = [bytes[at] ?? 0, bytes[at + 1] ?? 0]
  // What every zlib stream begins with (RFC 1950): it spares most tries.
  if ((method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0) return undefined
  return { at: start, kind, sizeBytes, contentAt: start + at, base }
}
