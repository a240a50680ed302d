/** Digits that 32 bits hold: a number is read as two whole ones of so many digits at most. */
const HALF_DIGITS = 9
/** Digits of a whole number that a double always holds exactly. */
const EXACT_DIGITS = 15
/** Powers of ten that a double holds exactly. */
const MAX_EXACT_POWER = 22
/** Powers of ten in the table. */
const MAX_POWER = 60
/** Splits a double into two halves of its digits (Veltkamp). */
const SPLITTER = 2 ** 27 + 1
/** More than what a product of two numbers of double length may be wrong by, relative to it. */
const PRODUCT_ERROR = 2 ** -97

const ZERO = 48
const DOT = 46
const PLUS = 43
const MINUS = 45
const SMALL_E = 101
const LARGE_E = 69

/** Powers of ten as sums of two doubles, by exponent; they are as good as one of twice the length. */
const POWERS = Array.from({ length: 2 * MAX_POWER + 1 }, (_, index) =>
  powerOfTen(index - MAX_POWER)
)
const POWERS_HIGH = Float64Array.from(POWERS, ([high]) => high)
const POWERS_LOW = Float64Array.from(POWERS, ([, low]) => low)

/** Reads decimal numbers where they stand among bytes, as `Number` does, several times as fast. */
export class DecimalReader {
  /** Behind the last byte of the number that was read. */
  end = 0

  /**
   * Reads the number that begins at a byte: digits, with a sign, a fraction, an exponent. NaN if there is
   * none of that form, or if it has so many digits that only `Number` can tell.
   *
   * Fifteen digits and small exponents are exact in doubles. All others are computed with twice the digits of
   * a double; whenever that doesn't decide between two doubles, the answer is NaN.
   */
  read(bytes: Uint8Array, from: number): number {
    const isNegative = bytes[from] === MINUS
    const start = isNegative ? from + 1 : from
    let at = start
    let head = 0
    let tail = 0
    let digit = (bytes[at] as number) - ZERO
    // Zeros in front count for nothing.
    while (digit === 0) digit = (bytes[++at] as number) - ZERO
    let first = at
    let full = first + HALF_DIGITS
    for (; digit >= 0 && digit <= 9; digit = (bytes[++at] as number) - ZERO) {
      if (at < full) head = (Math.imul(head, 10) + digit) | 0
      else tail = (Math.imul(tail, 10) + digit) | 0
    }
    if (at === start) return Number.NaN
    let digits = at - first
    let exponent = 0
    if (digit === DOT - ZERO) {
      const fraction = ++at
      digit = (bytes[at] as number) - ZERO
      if (digits === 0) while (digit === 0) digit = (bytes[++at] as number) - ZERO
      first = at
      full = first + HALF_DIGITS - digits
      for (; digit >= 0 && digit <= 9 && at < full; digit = (bytes[++at] as number) - ZERO) {
        head = (Math.imul(head, 10) + digit) | 0
      }
      for (; digit >= 0 && digit <= 9; digit = (bytes[++at] as number) - ZERO) {
        tail = (Math.imul(tail, 10) + digit) | 0
      }
      if (at === fraction) return Number.NaN
      digits += at - first
      exponent = fraction - at
    }
    if (digits > 2 * HALF_DIGITS) return Number.NaN
    if (bytes[at] === SMALL_E || bytes[at] === LARGE_E) {
      const written = this.#exponent(bytes, at + 1)
      if (Number.isNaN(written)) return written
      exponent += written
      at = this.end
    }
    this.end = at
    const value = compute(head, tail, digits, exponent)
    return isNegative ? -value : value
  }

  #exponent(bytes: Uint8Array, from: number): number {
    let at = from
    const isNegative = bytes[at] === MINUS
    if (isNegative || bytes[at] === PLUS) at++
    const start = at
    let value = 0
    for (; ; at++) {
      const digit = (bytes[at] as number) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
    }
    this.end = at
    if (at === start || at - start > 4) return Number.NaN
    return isNegative ? -value : value
  }
}

/** Returns the number of these digits, in two halves, times 10^exponent: rightly rounded, or NaN. */
function compute(head: number, tail: number, digits: number, exponent: number): number {
  if (digits === 0) return 0
  const places = digits > HALF_DIGITS ? digits - HALF_DIGITS : 0
  const shift = POWERS_HIGH[MAX_POWER + places] as number
  if (digits <= EXACT_DIGITS && exponent >= -MAX_EXACT_POWER && exponent <= MAX_EXACT_POWER) {
    const whole = head * shift + tail
    return exponent < 0
      ? whole / (POWERS_HIGH[MAX_POWER - exponent] as number)
      : whole * (POWERS_HIGH[MAX_POWER + exponent] as number)
  }
  if (exponent < -MAX_POWER || exponent > MAX_POWER) return Number.NaN
  // All digits, as high + low without an error.
  const shifted = head * shift
  const high = shifted + tail
  const rest = high - shifted
  const low = productError(head, shift, shifted) + (shifted - (high - rest) + (tail - rest))
  const powerHigh = POWERS_HIGH[MAX_POWER + exponent] as number
  const powerLow = POWERS_LOW[MAX_POWER + exponent] as number
  const product = high * powerHigh
  const error = productError(high, powerHigh, product) + (high * powerLow + low * powerHigh)
  const value = product + error
  const left = error - (value - product)
  const doubt = value * PRODUCT_ERROR
  return value + (left + doubt) === value && value + (left - doubt) === value ? value : Number.NaN
}

/** Returns what the rounded product of two numbers lacks (Dekker). */
function productError(a: number, b: number, product: number): number {
  const splitA = SPLITTER * a
  const splitB = SPLITTER * b
  const highA = splitA - (splitA - a)
  const highB = splitB - (splitB - b)
  const lowA = a - highA
  const lowB = b - highB
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB
}

/** Returns a power of ten as the nearest double and what that lacks. */
function powerOfTen(exponent: number): readonly [number, number] {
  const power = 10n ** BigInt(Math.abs(exponent))
  if (exponent >= 0) {
    const high = Number(power)
    return [high, Number(power - BigInt(high))]
  }
  const high = Number(`1e${exponent}`)
  // The double is a whole number of times a power of two.
  const scale = 54 - Math.floor(Math.log2(high))
  const lack = 2n ** BigInt(scale) - BigInt(high * 2 ** scale) * power
  return [high, Number(lack) / Number(power) / 2 ** scale]
}
