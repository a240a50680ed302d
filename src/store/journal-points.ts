import { encodeUtf8, encodeUtf8Into } from '../base/bytes.ts'

/** Points of several metrics at one step. */
export interface PointsEntry {
  readonly log: { readonly [metric: string]: number }
  readonly step: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly split?: string
}

/** What a line of points begins with, unlike any JSON. */
export const POINTS_MARK = '~'
const MARK = 0x7e
const SPACE = 0x20
const LINE_FEED = 10
const ZERO = 0x30
const HEX = encodeUtf8('0123456789abcdef')
/** The two digits of each byte. */
const PAIRS = Uint16Array.from(
  { length: 256 },
  (_, byte) => ((HEX[byte >> 4] as number) << 8) | (HEX[byte & 15] as number)
)

/** Longest step or time: a double as text, and what parts it from the next. */
const NUMBER_BYTES = 26
const VALUE_BYTES = 16
/** Whole numbers up to this are written digit by digit. */
const MAX_DIGITWISE = 999_999_999

const double = new DataView(new ArrayBuffer(8))
let scratch = new Uint8Array(1 << 12)
/** Parts of `scratch` from its beginning, by their length: making one takes as long as filling it. */
let views: (Uint8Array | undefined)[] = []

/** A name with the bytes of it in JSON. */
export interface QuotedName {
  readonly name: string
  readonly quoted: Uint8Array
}

export function quoteName(name: string): QuotedName {
  return { name, quoted: encodeUtf8(JSON.stringify(name)) }
}

/**
 * Formats points as a line: the mark, each metric's name in JSON followed by the bits of its value in hex,
 * step, time and split. This is done at each step of each experiment, and the digits of a double alone would
 * take longer than all of it.
 *
 * The bytes hold until the next call.
 */
export function formatPoints(
  metrics: readonly QuotedName[],
  values: { readonly [metric: string]: number },
  step: number,
  time: number,
  split?: QuotedName
): Uint8Array {
  let at = 1
  for (const { name, quoted } of metrics) {
    makeRoom(at + quoted.length + VALUE_BYTES)
    at = putValue(putBytes(at, quoted), values[name] as number)
  }
  makeRoom(at + 2 * NUMBER_BYTES + 2 + (split?.quoted.length ?? 0))
  at = putTime(putNumber(at, step), time)
  if (split !== undefined) {
    scratch[at] = SPACE
    at = putBytes(at + 1, split.quoted)
  }
  scratch[0] = MARK
  scratch[at] = LINE_FEED
  return viewOf(at + 1)
}

function makeRoom(length: number): void {
  if (length <= scratch.length) return
  const larger = new Uint8Array(length * 2)
  larger.set(scratch)
  scratch = larger
  views = []
}

function viewOf(length: number): Uint8Array {
  let view = views[length]
  if (view === undefined) {
    view = scratch.subarray(0, length)
    views[length] = view
  }
  return view
}

function putBytes(start: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) scratch[start + i] = bytes[i] as number
  return start + bytes.length
}

function putValue(start: number, value: number): number {
  double.setFloat64(0, value)
  putHex(start, double.getUint32(0))
  putHex(start + 8, double.getUint32(4))
  return start + VALUE_BYTES
}

function putHex(at: number, word: number): void {
  const pair0 = PAIRS[word >>> 24] as number
  const pair1 = PAIRS[(word >>> 16) & 255] as number
  const pair2 = PAIRS[(word >>> 8) & 255] as number
  const pair3 = PAIRS[word & 255] as number
  scratch[at] = pair0 >> 8
  scratch[at + 1] = pair0
  scratch[at + 2] = pair1 >> 8
  scratch[at + 3] = pair1
  scratch[at + 4] = pair2 >> 8
  scratch[at + 5] = pair2
  scratch[at + 6] = pair3 >> 8
  scratch[at + 7] = pair3
}

function putNumber(start: number, value: number): number {
  scratch[start] = SPACE
  // `-0` and fractions have no digits alone.
  if (
    !(value >= 0 && value <= MAX_DIGITWISE) ||
    Math.trunc(value) !== value ||
    Object.is(value, -0)
  ) {
    return (
      start +
      1 +
      encodeUtf8Into(Object.is(value, -0) ? '-0' : `${value}`, scratch.subarray(start + 1))
    )
  }
  let digits = 1
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++
  let rest = value
  for (let at = start + digits; at > start; at--) {
    const above = Math.floor(rest / 10)
    scratch[at] = ZERO + rest - above * 10
    rest = above
  }
  return start + digits + 1
}

let lastTime = -1
let lastTimeBytes = new Uint8Array()

/** Many points come within a millisecond. */
function putTime(start: number, time: number): number {
  if (time !== lastTime) {
    const end = putNumber(start, time)
    lastTime = time
    lastTimeBytes = scratch.slice(start, end)
    return end
  }
  return putBytes(start, lastTimeBytes)
}

const NAME = '"(?:[^"\\\\]|\\\\.)*"'
const LINE = new RegExp(
  `^${POINTS_MARK}((?:${NAME}[0-9a-f]{${VALUE_BYTES}})*) (-?\\d[^ ]*) (-?\\d[^ ]*)(?: (${NAME}))?$`
)
const POINT = new RegExp(`(${NAME})([0-9a-f]{8})([0-9a-f]{8})`, 'g')

/** Parses a line of points; `undefined` if it is damaged. @throws SyntaxError for a name that is no JSON. */
export function parsePoints(line: string): PointsEntry | undefined {
  const [, points, stepText, timeText, split] = LINE.exec(line) ?? []
  const [step, time] = [Number(stepText), Number(timeText)]
  if (points === undefined || !Number.isFinite(step) || !Number.isFinite(time)) return undefined
  const log: [string, number][] = []
  for (const [, name = '', high = '', low = ''] of points.matchAll(POINT)) {
    double.setUint32(0, Number.parseInt(high, 16))
    double.setUint32(4, Number.parseInt(low, 16))
    log.push([JSON.parse(name), double.getFloat64(0)])
  }
  const entry = { log: Object.fromEntries(log), step, time }
  return split === undefined ? entry : { ...entry, split: JSON.parse(split) }
}
