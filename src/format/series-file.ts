import { decodeUtf8, encodeUtf8, equalBytes } from '../base/bytes.ts'
import { isJsonObject, type Json } from '../base/json.ts'
import type { Hash } from '../base/platform.ts'
import type { SeriesColumns } from './series-column.ts'

/** What a file begins with, in the order of bytes of the machine, as all numbers in it are. */
const FORM = 0x52545331
const DIGEST_BYTES = 20
/** Form, length of the header, digest of these and of what follows. */
const HEAD_BYTES = 8
const PREFIX_BYTES = HEAD_BYTES + DIGEST_BYTES
const MAX_OFFSET = 2 ** 32 - 1

/** The series of a run as columns, in the order in which their names came first. */
export interface StoredSeries {
  /** The tree of the text that they were read from. */
  readonly treeOid: string
  readonly columns: readonly SeriesColumns[]
}

/**
 * How numbers lie in a file: as doubles; as whole numbers of 32 bits, to which the least of them is added; or
 * not at all, if each is as far from the one before.
 */
type Form =
  | { readonly form: 'doubles' }
  | { readonly form: 'offsets'; readonly from: number }
  | { readonly form: 'even'; readonly from: number; readonly by: number }

interface StoredColumn {
  readonly metric: string
  readonly split?: string
  readonly count: number
  readonly steps: Form
  readonly times: Form
}

type Numbers = Float64Array | Uint32Array | undefined

/** Formats columns: a header in JSON, and of each column its steps, times and values, each from a multiple of 8. */
export function formatSeriesFile({ treeOid, columns }: StoredSeries, hash: Hash): Uint8Array {
  const sections: Numbers[] = []
  const stored = columns.map(({ metric, split, steps, times, values }): StoredColumn => {
    const [packedSteps, packedTimes] = [pack(steps), pack(times)]
    sections.push(packedSteps.numbers, packedTimes.numbers, values)
    const name = { metric, ...(split === undefined ? {} : { split }) }
    return { ...name, count: steps.length, steps: packedSteps.form, times: packedTimes.form }
  })
  const header = encodeUtf8(JSON.stringify({ treeOid, columns: stored }))
  const start = align(PREFIX_BYTES + header.length)
  const bytes = new Uint8Array(
    sections.reduce((size, numbers) => size + align(numbers?.byteLength ?? 0), start)
  )
  new Uint32Array(bytes.buffer, 0, 2).set([FORM, header.length])
  bytes.set(header, PREFIX_BYTES)
  let at = start
  for (const numbers of sections) {
    if (numbers === undefined) continue
    bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), at)
    at += align(numbers.byteLength)
  }
  bytes.set(digestOf(bytes, hash), HEAD_BYTES)
  return bytes
}

/** Parses what `formatSeriesFile` made; `undefined` if it is damaged, or of another form. */
export function parseSeriesFile(bytes: Uint8Array, hash: Hash): StoredSeries | undefined {
  if (!isSeriesFile(bytes)) return undefined
  if (!equalBytes(bytes.subarray(HEAD_BYTES, PREFIX_BYTES), digestOf(bytes, hash))) return undefined
  // Numbers are read where they lie, for which their places must be multiples of 8 in memory too.
  const { buffer, byteOffset } = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes)
  const headerLength = new Uint32Array(buffer, byteOffset, 2)[1] as number
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerLength))
  if (header === undefined) return undefined
  let at = align(PREFIX_BYTES + headerLength)
  const take = (count: number, form: Form): Float64Array => {
    const place = byteOffset + at
    at += align(sizeOf(count, form))
    return unpack(buffer, place, count, form)
  }
  const size = header.columns.reduce(
    (sum, { count, steps, times }) =>
      sum + align(sizeOf(count, steps)) + align(sizeOf(count, times)) + count * 8,
    at
  )
  if (size !== bytes.length) return undefined
  const columns = header.columns.map(({ metric, split, count, steps, times }) => ({
    metric,
    ...(split === undefined ? {} : { split }),
    steps: take(count, steps),
    times: take(count, times),
    values: take(count, { form: 'doubles' })
  }))
  return { treeOid: header.treeOid, columns }
}

/** Tells whether bytes are of this form, damaged or not, and were written by a machine with this order of bytes. */
export function isSeriesFile(bytes: Uint8Array): boolean {
  if (bytes.length < PREFIX_BYTES) return false
  return new Uint32Array(Uint8Array.from(bytes.subarray(0, 4)).buffer)[0] === FORM
}

function digestOf(bytes: Uint8Array, hash: Hash): Uint8Array {
  return hash.sha1(bytes.subarray(0, HEAD_BYTES), bytes.subarray(PREFIX_BYTES))
}

/** Finds the smallest form from which the same numbers come back. */
function pack(numbers: Float64Array): { readonly form: Form; readonly numbers: Numbers } {
  const [from = 0, second = from] = numbers
  const by = second - from
  // JSON knows no others.
  const isPlain = Number.isFinite(from) && Number.isFinite(by) && !Object.is(from, -0)
  if (isPlain && numbers.every((number, at) => Object.is(number, from + at * by))) {
    return { form: { form: 'even', from, by }, numbers: undefined }
  }
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const number of numbers) {
    if (!Number.isSafeInteger(number) || Object.is(number, -0)) {
      return { form: { form: 'doubles' }, numbers }
    }
    if (number < least) least = number
    if (number > greatest) greatest = number
  }
  if (greatest - least > MAX_OFFSET) return { form: { form: 'doubles' }, numbers }
  const offsets = new Uint32Array(numbers.length)
  for (let at = 0; at < numbers.length; at++) offsets[at] = (numbers[at] as number) - least
  return { form: { form: 'offsets', from: least }, numbers: offsets }
}

function unpack(buffer: ArrayBufferLike, place: number, count: number, form: Form): Float64Array {
  if (form.form === 'doubles') return new Float64Array(buffer, place, count)
  const numbers = new Float64Array(count)
  const { from } = form
  if (form.form === 'even') {
    for (let at = 0; at < count; at++) numbers[at] = from + at * form.by
    return numbers
  }
  const offsets = new Uint32Array(buffer, place, count)
  for (let at = 0; at < count; at++) numbers[at] = from + (offsets[at] as number)
  return numbers
}

function sizeOf(count: number, { form }: Form): number {
  return form === 'even' ? 0 : form === 'offsets' ? count * 4 : count * 8
}

function parseHeader(
  bytes: Uint8Array
): (Pick<StoredSeries, 'treeOid'> & { readonly columns: readonly StoredColumn[] }) | undefined {
  try {
    const header: Json = JSON.parse(decodeUtf8(bytes))
    if (!isJsonObject(header) || typeof header.treeOid !== 'string') return undefined
    const columns = header.columns as Json | undefined
    if (!Array.isArray(columns) || !columns.every(isColumn)) return undefined
    return { treeOid: header.treeOid, columns: columns as unknown as readonly StoredColumn[] }
  } catch {
    return undefined
  }
}

function isColumn(value: Json): boolean {
  if (!isJsonObject(value)) return false
  const { metric, split, count, steps, times } = value
  const isNamed = typeof metric === 'string' && ['string', 'undefined'].includes(typeof split)
  return (
    isNamed && Number.isSafeInteger(count) && (count as number) >= 0 && [steps, times].every(isForm)
  )
}

function isForm(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false
  const { form, from, by } = value
  if (form === 'doubles') return true
  return (
    typeof from === 'number' && (form === 'offsets' || (form === 'even' && typeof by === 'number'))
  )
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
