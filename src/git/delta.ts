import { MAX_OBJECT_BYTES } from './objects.ts'

const SMALL_BYTES = 1 << 16
const FEW_BYTES = 48

/** Bytes that lie among others. */
export interface ByteSpan {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * Applies a delta to its base (gitformat-pack(5), “Deltified representation”).
 *
 * @returns `undefined` if the delta is damaged or belongs to another base.
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array | undefined {
  const source = readSize(delta, 0)
  const result = readSize(delta, source.next)
  if (source.size !== base.length || result.size < 0) return undefined
  if (result.size > MAX_OBJECT_BYTES) return undefined
  // What the commands make is known before much is set aside for what the head claims.
  if (result.size > SMALL_BYTES && measure(delta, result.next) !== result.size) return undefined
  const target = new Uint8Array(result.size)
  return run(spanOf(base), spanOf(delta), result.next, spanOf(target)) ? target : undefined
}

/** Returns the size that a delta says its object has; -1 if it says none. */
export function sizeOfTarget({ bytes, start, end }: ByteSpan): number {
  return readSize(bytes, readSize(bytes, start, end).next, end).size
}

/** Applies a delta where there is room for as many bytes as it makes; `false` if it doesn't fit. */
export function applyDeltaInto(base: ByteSpan, delta: ByteSpan, target: ByteSpan): boolean {
  const source = readSize(delta.bytes, delta.start, delta.end)
  if (source.size !== base.end - base.start) return false
  const { next } = readSize(delta.bytes, source.next, delta.end)
  return run(base, delta, next, target)
}

function spanOf(bytes: Uint8Array): ByteSpan {
  return { bytes, start: 0, end: bytes.length }
}

/** Runs the commands of a delta, which begin at `first`. */
function run(base: ByteSpan, delta: ByteSpan, first: number, target: ByteSpan): boolean {
  const { bytes: commands, end } = delta
  let to = target.start
  for (let at = first; at < end; ) {
    const command = commands[at++] as number
    if (command === 0) return false
    if (command < 0x80) {
      if (at + command > end || to + command > target.end) return false
      copy(commands, at, command, target.bytes, to)
      at += command
      to += command
      continue
    }
    let offset = base.start
    let size = 0
    if (command & 0x01) offset += at < end ? (commands[at++] as number) : 0
    if (command & 0x02) offset += at < end ? (commands[at++] as number) * 0x100 : 0
    if (command & 0x04) offset += at < end ? (commands[at++] as number) * 0x10000 : 0
    if (command & 0x08) offset += at < end ? (commands[at++] as number) * 0x1000000 : 0
    if (command & 0x10) size += at < end ? (commands[at++] as number) : 0
    if (command & 0x20) size += at < end ? (commands[at++] as number) * 0x100 : 0
    if (command & 0x40) size += at < end ? (commands[at++] as number) * 0x10000 : 0
    if (size === 0) size = 0x10000
    if (offset + size > base.end || to + size > target.end) return false
    copy(base.bytes, offset, size, target.bytes, to)
    to += size
  }
  return to === target.end
}

/** Copies bytes; making a view of a few takes longer than they do. */
function copy(from: Uint8Array, start: number, size: number, target: Uint8Array, to: number): void {
  if (size > FEW_BYTES) target.set(from.subarray(start, start + size), to)
  else for (let i = 0; i < size; i++) target[to + i] = from[start + i] as number
}

/** Returns how many bytes the commands of a delta make. */
function measure(delta: Uint8Array, start: number): number {
  let made = 0
  for (let at = start; at < delta.length; ) {
    const command = delta[at++] as number
    if (command < 0x80) {
      made += command
      at += command
      continue
    }
    for (let bit = 0; bit < 4; bit++) if (command & (1 << bit)) at++
    let size = 0
    for (let bit = 0; bit < 3; bit++) {
      if (command & (0x10 << bit)) size += (delta[at++] ?? 0) * 2 ** (8 * bit)
    }
    made += size === 0 ? 0x10000 : size
  }
  return made
}

function readSize(
  bytes: Uint8Array,
  start: number,
  end = bytes.length
): { size: number; next: number } {
  let size = 0
  let scale = 1
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    size += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return { size, next: at + 1 }
  }
  return { size: -1, next: end }
}
