import { writeCopy, writeInsertions, writeSize } from './delta-write.ts'

/** A copy is worth its three or four bytes if it spares more. */
const LEAST_COPY = 6
/** No copy made here is longer, so that two bytes hold its size. */
const MOST_COPY = 0xffff
/** So much a copy takes of a base of less than 64 kB. */
const SMALL_COPY_BYTES = 5
/** Lines are found again by so many bytes that they begin with. */
const KEY_BYTES = 12
const LINE_FEED = 10

/** A text whose lines others may share. */
export interface LineBase {
  readonly bytes: Uint8Array
  /** Where the first line lies that begins so, by a hash of how it begins. */
  readonly lines: ReadonlyMap<number, number>
}

/** Indexes a text of less than 64 kB that others are to be told by. */
export function indexLines(bytes: Uint8Array): LineBase {
  const lines = new Map<number, number>()
  for (let at = 0; at < bytes.length; at = nextLine(bytes, at)) {
    const key = hashLine(bytes, at, KEY_BYTES)
    if (!lines.has(key)) lines.set(key, at)
  }
  return { bytes, lines }
}

/**
 * Writes a delta that turns one text into another (gitformat-pack(5), “Deltified representation”) and
 * returns its end, or -1 if there is no room for it.
 *
 * Both texts are read line beside line, and only where these begin differently is another line looked
 * for: of records with the same keys that is faster than deflating them, and gives less.
 */
export function writeLineDelta(base: LineBase, target: Uint8Array, output: Uint8Array): number {
  const source = base.bytes
  let end = writeSize(output, writeSize(output, 0, source.length), target.length)
  /** From here on nothing of the target is written yet. */
  let kept = 0
  let from = 0
  for (let at = 0; at < target.length; ) {
    let length = sharedLength(source, from, target, at)
    if (length < LEAST_COPY) {
      const found = base.lines.get(hashLine(target, at, KEY_BYTES))
      if (found !== undefined) {
        from = found
        length = sharedLength(source, from, target, at)
      }
    }
    if (length >= LEAST_COPY) {
      end = writeInsertions(output, end, target, kept, at)
      if (end < 0 || end + SMALL_COPY_BYTES > output.length) return -1
      end = writeCopy(output, end, from, length)
      at += length
      from += length
      kept = at
      // What follows in the same line differs.
      if (target[at - 1] === LINE_FEED) continue
    }
    at = nextLine(target, at)
    from = nextLine(source, from)
  }
  return writeInsertions(output, end, target, kept, target.length)
}

/** Returns for how many bytes two texts are alike from two places on. */
function sharedLength(source: Uint8Array, from: number, target: Uint8Array, at: number): number {
  const most = Math.min(source.length - from, target.length - at, MOST_COPY)
  let length = 0
  while (length < most && source[from + length] === target[at + length]) length++
  return length
}

function nextLine(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && bytes[at] !== LINE_FEED) at++
  return Math.min(at + 1, bytes.length)
}

/** Returns a hash of how a line begins, of so many bytes at most. */
export function hashLine(bytes: Uint8Array, start: number, most: number): number {
  const end = Math.min(start + most, bytes.length)
  let hash = 0
  for (let at = start; at < end && bytes[at] !== LINE_FEED; at++) {
    hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
  }
  return hash
}
