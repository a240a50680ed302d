import { MAX_OBJECT_BYTES } from './objects.ts'

const SMALL_BYTES = 1 << 16
const FEW_BYTES = 48

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
  let to = 0
  for (let at = result.next; at < delta.length; ) {
    const command = delta[at++] as number
    if (command === 0) return undefined
    if (command < 0x80) {
      if (at + command > delta.length || to + command > target.length) return undefined
      copy(delta, at, command, target, to)
      at += command
      to += command
      continue
    }
    let offset = 0
    let size = 0
    for (let bit = 0; bit < 4; bit++) {
      if (command & (1 << bit)) offset += (delta[at++] ?? 0) * 2 ** (8 * bit)
    }
    for (let bit = 0; bit < 3; bit++) {
      if (command & (0x10 << bit)) size += (delta[at++] ?? 0) * 2 ** (8 * bit)
    }
    if (size === 0) size = 0x10000
    if (offset + size > base.length || to + size > target.length) return undefined
    copy(base, offset, size, target, to)
    to += size
  }
  return to === target.length ? target : undefined
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

function readSize(bytes: Uint8Array, start: number): { size: number; next: number } {
  let size = 0
  let scale = 1
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number
    size += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return { size, next: at + 1 }
  }
  return { size: -1, next: bytes.length }
}
