/** No insertion is longer (gitformat-pack(5), “Deltified representation”). */
const MOST_INSERTED = 127
/** Making a view of so few bytes takes longer than copying them. */
const FEW_BYTES = 48

/** So many bytes a copy takes at most. */
export const MOST_COPY_BYTES = 8

/** Writes the size of a base or a target into a delta; returns where it ends. */
export function writeSize(output: Uint8Array, start: number, size: number): number {
  let end = start
  let rest = size
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) output[end++] = (rest & 0x7f) | 0x80
  output[end++] = rest
  return end
}

/** Writes commands that insert a part of the target; returns where they end, -1 if there is no room for them. */
export function writeInsertions(
  output: Uint8Array,
  start: number,
  target: Uint8Array,
  from: number,
  to: number
): number {
  let end = start
  for (let at = from; at < to; ) {
    const next = Math.min(at + MOST_INSERTED, to)
    if (end + 1 + next - at > output.length) return -1
    output[end++] = next - at
    if (next - at > FEW_BYTES) {
      output.set(target.subarray(at, next), end)
      end += next - at
      at = next
    } else while (at < next) output[end++] = target[at++] as number
  }
  return end
}

/**
 * Writes a command that copies up to 64 kB of the base; returns where it ends. There must be room for
 * `MOST_COPY_BYTES`.
 */
export function writeCopy(output: Uint8Array, start: number, from: number, length: number): number {
  let command = 0x80
  let end = start + 1
  for (let bit = 0, rest = from; rest > 0; bit++, rest = Math.floor(rest / 256)) {
    if ((rest & 0xff) === 0) continue
    command |= 1 << bit
    output[end++] = rest
  }
  // No size at all stands for 0x10000.
  for (let bit = 0, rest = length & 0xffff; rest > 0; bit++, rest >>>= 8) {
    if ((rest & 0xff) === 0) continue
    command |= 0x10 << bit
    output[end++] = rest
  }
  output[start] = command
  return end
}
