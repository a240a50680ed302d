import { decodeUtf8, encodeUtf8, equalBytes } from '../../base/bytes.ts'
import type { Hash } from '../../base/platform.ts'
import type { Oid } from '../../git/objects.ts'
import { type ColumnData, formatOthers, parseOthers, RunColumn } from './column.ts'
import { RunIndex } from './run-index.ts'

const MAGIC = encodeUtf8('RTRI')
/** Another number for another form: an index of another version is made anew. */
const VERSION = 1
const DIGEST_BYTES = 20
const RUN_BYTES = 12
const OID_BYTES = 20
/** Magic, length of the header, digest of what follows. */
const PREFIX_BYTES = 4 + 4 + DIGEST_BYTES

interface Header {
  readonly version: number
  readonly experiment: string
  readonly treeOid: Oid
  readonly folders: { readonly [path: string]: Oid }
  readonly count: number
  readonly columns: readonly { readonly field: readonly string[]; readonly othersBytes: number }[]
}

/**
 * Formats an index: a header in JSON; then, from places that are multiples of 8, for each column its
 * numbers, what its cells hold, and its other values in JSON; last the runs and their trees.
 */
export function formatIndex(index: RunIndex, experiment: string, hash: Hash): Uint8Array {
  const { count } = index
  const columns = [...index.columns].map((column) => column.data(count))
  const others = columns.map((column) => encodeUtf8(formatOthers(column.others)))
  const header: Header = {
    version: VERSION,
    experiment,
    treeOid: index.treeOid as Oid,
    folders: Object.fromEntries(index.folders),
    count,
    columns: columns.map(({ field }, at) => ({
      field,
      othersBytes: (others[at] as Uint8Array).length
    }))
  }
  const head = encodeUtf8(JSON.stringify(header))
  const { runs, treeOids } = index.rows()
  const columnsBytes = others.reduce((sum, { length }) => sum + columnSize(count, length), 0)
  const start = align(PREFIX_BYTES + head.length)
  const bytes = new Uint8Array(start + columnsBytes + count * (RUN_BYTES + OID_BYTES))
  bytes.set(MAGIC)
  new DataView(bytes.buffer).setUint32(4, head.length)
  bytes.set(head, PREFIX_BYTES)
  let at = start
  for (const [place, { numbers, kinds }] of columns.entries()) {
    new Float64Array(bytes.buffer, at, count).set(numbers)
    bytes.set(kinds, at + 8 * count)
    const rest = others[place] as Uint8Array
    bytes.set(rest, at + 9 * count)
    at += columnSize(count, rest.length)
  }
  bytes.set(encodeUtf8(runs.join('')), at)
  bytes.set(treeOids, at + count * RUN_BYTES)
  bytes.set(hash.sha1(bytes.subarray(PREFIX_BYTES)), 8)
  return bytes
}

/** Parses what `formatIndex` wrote; `undefined` if it is anything else, or of another experiment. */
export function parseIndex(file: Uint8Array, experiment: string, hash: Hash): RunIndex | undefined {
  try {
    return parse(file, experiment, hash)
  } catch {
    return undefined
  }
}

/** Tells whether a file is an index as it was written, of this version or another. */
export function isWhole(file: Uint8Array, hash: Hash): boolean {
  if (file.length < PREFIX_BYTES || !equalBytes(file.subarray(0, 4), MAGIC)) return false
  return equalBytes(hash.sha1(file.subarray(PREFIX_BYTES)), file.subarray(8, PREFIX_BYTES))
}

function parse(file: Uint8Array, experiment: string, hash: Hash): RunIndex | undefined {
  if (!isWhole(file, hash)) return undefined
  // Numbers can be looked at in place only where the memory is aligned.
  const bytes = file.byteOffset % 8 === 0 ? file : new Uint8Array(file)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const headBytes = view.getUint32(4)
  const text = decodeUtf8(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headBytes))
  const header = JSON.parse(text) as Header
  if (header.version !== VERSION || header.experiment !== experiment) return undefined
  const { count } = header
  let at = align(PREFIX_BYTES + headBytes)
  const columns: RunColumn[] = []
  for (const { field, othersBytes } of header.columns) {
    columns.push(new RunColumn(readColumn(bytes, at, count, field, othersBytes)))
    at += columnSize(count, othersBytes)
  }
  const names = decodeUtf8(bytes.subarray(at, at + count * RUN_BYTES))
  const runs = Array.from({ length: count }, (_, row) =>
    names.slice(row * RUN_BYTES, (row + 1) * RUN_BYTES)
  )
  const oidsAt = at + count * RUN_BYTES
  if (bytes.length !== oidsAt + count * OID_BYTES) return undefined
  const index = new RunIndex({ runs, treeOids: bytes.subarray(oidsAt) }, columns)
  index.treeOid = header.treeOid
  index.folders = new Map(Object.entries(header.folders))
  return index
}

function readColumn(
  bytes: Uint8Array,
  at: number,
  count: number,
  field: readonly string[],
  othersBytes: number
): ColumnData {
  const kindsAt = at + 8 * count
  return {
    field,
    numbers: new Float64Array(bytes.buffer, bytes.byteOffset + at, count),
    kinds: bytes.subarray(kindsAt, kindsAt + count),
    others: parseOthers(decodeUtf8(bytes.subarray(kindsAt + count, kindsAt + count + othersBytes)))
  }
}

function columnSize(count: number, othersBytes: number): number {
  return align(9 * count + othersBytes)
}

function align(bytes: number): number {
  return (bytes + 7) & ~7
}
