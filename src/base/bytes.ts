const encoder = new TextEncoder()
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Up to so many characters a loop is faster than the platform's encoder. */
const SHORT = 48

/** Encodes text as UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  if (text.length > SHORT) return encoder.encode(text)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return encoder.encode(text)
    bytes[i] = code
  }
  return bytes
}

/** Decodes UTF-8, with U+FFFD for what is invalid. */
export function decodeUtf8(bytes: Uint8Array): string {
  return lenient.decode(bytes)
}

/** Decodes UTF-8; `undefined` if it is invalid. */
export function decodeStrictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** Joins arrays of bytes. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Tells whether two arrays hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Orders two arrays byte by byte, as unsigned numbers; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Formats bytes as lower-case hexadecimal digits. */
export function formatHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start === 20) return formatOid(bytes, start)
  let text = ''
  for (let i = start; i < end; i++) text += HEX[bytes[i] as number]
  return text
}

/** Arrays of each length, for the units of texts that are made of them at once: those are flat. */
const UNITS: (number[] | undefined)[] = []
const MOST_UNITS = 256
const oidCodes = unitsOf(40)

function unitsOf(length: number): number[] {
  const known = UNITS[length]
  if (known !== undefined) return known
  const made = new Array<number>(length).fill(0)
  UNITS[length] = made
  return made
}

/** Decodes part of some UTF-8, which is mostly short and ASCII; `undefined` if it is invalid. */
export function decodeName(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length > MOST_UNITS) return decodeStrictUtf8(bytes.subarray(start, end))
  const units = unitsOf(length)
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i] as number
    if (byte >= 0x80) return decodeStrictUtf8(bytes.subarray(start, end))
    units[i] = byte
  }
  return String.fromCharCode.apply(null, units)
}

/** Formats the 20 bytes of an object's name: as one flat text, which maps hash three times as fast. */
function formatOid(bytes: Uint8Array, start: number): string {
  for (let i = 0, to = 0; i < 20; i++) {
    const byte = bytes[start + i] as number
    oidCodes[to++] = DIGITS[byte >> 4] as number
    oidCodes[to++] = DIGITS[byte & 15] as number
  }
  return String.fromCharCode.apply(null, oidCodes)
}

/** Parses hexadecimal digits; the caller knows that they are. */
export function parseHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digitOf(text, i * 2) << 4) | digitOf(text, i * 2 + 1)
  }
  return bytes
}

/** Reads a hexadecimal digit: the letters' codes end in 1 to 6, and have a bit that those of 0 to 9 lack. */
export function digitOf(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return (code & 0x0f) + (code >> 6) * 9
}

/** Orders two strings by code point, which is the order of their UTF-8 bytes. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    const surrogateX = x >= 0xd800 && x <= 0xdfff
    const surrogateY = y >= 0xd800 && y <= 0xdfff
    if (surrogateX === surrogateY) return x - y
    return surrogateX ? 1 : -1
  }
  return a.length - b.length
}

/** Encodes text as UTF-8 into an array that has three bytes for each UTF-16 unit; returns the bytes written. */
export function encodeUtf8Into(text: string, target: Uint8Array): number {
  const { length } = text
  if (length > SHORT * 4) return encoder.encodeInto(text, target).written
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return encoder.encodeInto(text, target).written
    target[i] = code
  }
  return length
}
