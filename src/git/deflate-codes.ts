/** By the symbols from 257 on: the least length that one stands for, and how many bits more say the rest. */
export const [LENGTH_BASES, LENGTH_EXTRAS] = steps(29, 3, 4, 8)
/** The same of distances, from symbol 0 on. */
export const [DISTANCE_BASES, DISTANCE_EXTRAS] = steps(30, 1, 2, 4)
// The longest has a symbol of its own.
LENGTH_BASES[28] = 258
LENGTH_EXTRAS[28] = 0

/**
 * Lists bases that grow by twice as much after every `group` symbols, the first `plain` of them by one
 * (RFC 1951, 3.2.5).
 */
function steps(
  count: number,
  first: number,
  group: number,
  plain: number
): readonly [Uint16Array, Uint8Array] {
  const [bases, extras] = [new Uint16Array(count), new Uint8Array(count)]
  for (let symbol = 0, base = first; symbol < count; symbol++) {
    const bits = symbol < plain ? 0 : Math.floor((symbol - plain) / group) + 1
    bases[symbol] = base
    extras[symbol] = bits
    base += 1 << bits
  }
  return [bases, extras]
}
