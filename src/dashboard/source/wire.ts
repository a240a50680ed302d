/**
 * Requests and answers as JSON: what JSON can't hold is a map with the one member `$number`
 * (`NaN` and the infinities), `$floats` (a `Float64Array` as its little-endian bytes in base64) or
 * `$bytes` (base64). A map of data whose only member begins with `$` lies in another, `$map`.
 */

interface JsonLike {
  readonly [name: string]: unknown
}

type Tag = '$number' | '$floats' | '$bytes' | '$map'

const TAGS: readonly string[] = ['$number', '$floats', '$bytes', '$map'] satisfies readonly Tag[]

/** Formats a request or an answer as one line of JSON. */
export function formatWire(value: unknown): string {
  // Most is what JSON can hold: then nothing is copied.
  return JSON.stringify(isPlain(value) ? value : encode(value)) ?? 'null'
}

/** Parses what `formatWire` wrote. @throws SyntaxError */
export function parseWire(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // Without a tag, as in nearly all windows of tables, it is what it stands for.
  return text.includes('"$') ? decode(value) : value
}

/** Tells whether a value and all that it holds stand for themselves in JSON. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isPlain)
  if (ArrayBuffer.isView(value) || isTagged(value)) return false
  for (const name in value) if (!isPlain((value as JsonLike)[name])) return false
  return true
}

function encode(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => encode(item) ?? null)
  if (value instanceof Float64Array) return { $floats: toBase64(bytesOf(value)) }
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
  const entries = Object.entries(value).map(([name, item]) => [name, encode(item)])
  const map = Object.fromEntries(entries)
  return isTagged(value) ? { $map: map } : map
}

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(decode)
  if (!isTagged(value)) return decodeMembers(value)
  const [[tag, item] = []] = Object.entries(value)
  if (tag === '$number') return Number(item)
  if (tag === '$bytes') return fromBase64(String(item))
  if (tag === '$floats') return floatsOf(fromBase64(String(item)))
  return decodeMembers(item as object)
}

function decodeMembers(map: object): unknown {
  return Object.fromEntries(Object.entries(map).map(([name, item]) => [name, decode(item)]))
}

function isTagged(map: object): boolean {
  let only: string | undefined
  for (const name in map) {
    if (only !== undefined) return false
    only = name
  }
  return only !== undefined && TAGS.includes(only)
}

/** Copies numbers to bytes, the least significant first, whatever the machine's order. */
function bytesOf(numbers: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * 8))
  for (const [index, number] of numbers.entries()) view.setFloat64(index * 8, number, true)
  return new Uint8Array(view.buffer)
}

function floatsOf(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = new Float64Array(bytes.length >> 3)
  for (let at = 0; at < numbers.length; at++) numbers[at] = view.getFloat64(at * 8, true)
  return numbers
}

const CHUNK = 0x8000

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return btoa(text)
}

function fromBase64(text: string): Uint8Array {
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at)
  return bytes
}
