import { concatBytes, decodeUtf8, encodeUtf8, equalBytes, formatHex } from '../../base/bytes.ts'
import type { Hash } from '../../base/platform.ts'
import type { Oid } from '../../git/objects.ts'
import { type Cells, formatOthers, parseOthers } from './cells.ts'
import type { ColumnTraits } from './column.ts'

const MAGIC = encodeUtf8('RTRI')
/** Another number for another form: an index of another version is made anew. */
const VERSION = 2
const DIGEST_BYTES = 20
/** Magic, length of the header, digest of the header. */
const PREFIX_BYTES = 4 + 4 + DIGEST_BYTES
/** How much is read at once, in the hope that the header is in it. */
const HEAD_BYTES = 128 * 1024

/** Reads bytes of a file, or of memory; fewer at its end, `undefined` if there is no such file any more. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array | undefined>

/** What an index is of. */
export interface IndexSubject {
  readonly experiment: string
  readonly kind: 'run' | 'environment'
}

/** What is written of an index besides its cells. */
export interface IndexState extends IndexSubject {
  /** The tree of the folder `runs` whose state this is; absent if it has to be compared anew. */
  readonly treeOid?: Oid | undefined
  /** The trees of the folders above the runs, by path. */
  readonly folders: { readonly [path: string]: Oid }
  /** Rows. */
  readonly count: number
  /** The name of the file to whose rows these are added. Default: none, these are all. */
  readonly base?: string | undefined
  /** Rows of that file that are there no more. Default: none. */
  readonly gone?: readonly number[] | undefined
}

/** The rows of an index as they lie in a file. */
export interface StoredRows {
  /** The runs, `RUN_BYTES` for each row. */
  readonly runs: Uint8Array
  /** The trees of the runs' folders, `OID_BYTES` for each row. */
  readonly treeOids: Uint8Array
}

interface Section {
  readonly bytes: number
  readonly digest: string
}

interface StoredColumn extends Section, ColumnTraits {}

interface Header extends IndexState {
  readonly version: number
  readonly runs: Section
  readonly treeOids: Section
  readonly columns: readonly StoredColumn[]
}

/**
 * Formats an index: a header in JSON with a digest; then, from places that are multiples of 8, sections of
 * which it has the digests: the runs, their trees, and for each column its numbers, what its cells hold,
 * and its other values in JSON.
 */
export function formatIndex(...args: Parameters<typeof formatIndexParts>): Uint8Array {
  return concatBytes(formatIndexParts(...args))
}

/** The same in parts, which need not be in memory twice to be handed on. */
export function formatIndexParts(
  state: IndexState,
  rows: StoredRows,
  columns: Iterable<{ readonly traits: ColumnTraits; readonly cells: Cells }>,
  hash: Hash
): readonly Uint8Array[] {
  const sections: Uint8Array[] = []
  const add = (...parts: readonly Uint8Array[]): Section => {
    const bytes = lengthOf(parts)
    sections.push(...parts, new Uint8Array(align(bytes) - bytes))
    return { bytes, digest: formatHex(hash.sha1(...parts)) }
  }
  const header: Header = {
    ...state,
    version: VERSION,
    runs: add(rows.runs),
    treeOids: add(rows.treeOids),
    // One after the other: who makes them as they are asked for holds one at a time.
    columns: Array.from(columns, ({ traits, cells }) => ({
      ...traits,
      ...add(...formatCells(cells))
    }))
  }
  const head = encodeUtf8(JSON.stringify(header))
  const first = new Uint8Array(align(PREFIX_BYTES + head.length))
  first.set(MAGIC)
  new DataView(first.buffer).setUint32(4, head.length)
  first.set(hash.sha1(head), 8)
  first.set(head, PREFIX_BYTES)
  return [first, ...sections]
}

/** Returns what names the content of a file: its header has the digests of all else. */
export function nameOfContent(file: Uint8Array): string {
  return formatHex(file.subarray(8, PREFIX_BYTES)).slice(0, 16)
}

/** A file of an index whose header was read; the rest is read as it is needed. */
export class IndexFile {
  readonly state: IndexState
  readonly columns: readonly { readonly traits: ColumnTraits; read(): Promise<Cells | undefined> }[]
  readonly #header: Header
  readonly #start: number
  readonly #read: ReadRange
  readonly #hash: Hash

  private constructor(header: Header, start: number, read: ReadRange, hash: Hash) {
    this.state = header
    this.#header = header
    this.#start = start
    this.#read = read
    this.#hash = hash
    let at = start + align(header.runs.bytes) + align(header.treeOids.bytes)
    this.columns = header.columns.map((column) => {
      const place = at
      at += align(column.bytes)
      return { traits: column, read: () => this.#readCells(column, place) }
    })
  }

  /** Opens a file; `undefined` if its head is none of ours, of another subject, or damaged. */
  static async open(
    read: ReadRange,
    { experiment, kind }: IndexSubject,
    hash: Hash
  ): Promise<IndexFile | undefined> {
    const head = await readHead(read, hash)
    if (head === undefined || !isOurs(head.header)) return undefined
    const { header, start } = head
    if (header.experiment !== experiment || header.kind !== kind) return undefined
    return new IndexFile(header, start, read, hash)
  }

  /** Tells whether a file is as it was written, whatever it is of; of other forms only the head is looked at. */
  static async isWhole(read: ReadRange, hash: Hash): Promise<boolean> {
    const head = await readHead(read, hash)
    if (head === undefined || !isOurs(head.header)) return head !== undefined
    const file = new IndexFile(head.header, head.start, read, hash)
    if ((await file.readRuns()) === undefined) return false
    if ((await file.readTreeOids()) === undefined) return false
    for (const column of file.columns) if ((await column.read()) === undefined) return false
    return true
  }

  /** Reads the runs; `undefined` if they can't be had any more. */
  readRuns(): Promise<Uint8Array | undefined> {
    return this.#section(this.#header.runs, this.#start)
  }

  /** Reads the trees of the runs' folders; `undefined` if they can't be had any more. */
  readTreeOids(): Promise<Uint8Array | undefined> {
    return this.#section(this.#header.treeOids, this.#start + align(this.#header.runs.bytes))
  }

  async #readCells(column: StoredColumn, at: number): Promise<Cells | undefined> {
    const bytes = await this.#section(column, at)
    return bytes && parseCells(bytes, this.#header.count)
  }

  async #section({ bytes: length, digest }: Section, at: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#read(at, length).catch(() => undefined)
    return bytes !== undefined && formatHex(this.#hash.sha1(bytes)) === digest ? bytes : undefined
  }
}

function isOurs({ version }: Header): boolean {
  return version === VERSION
}

/** Reads the header of a file and where its sections begin; `undefined` if it is damaged. */
async function readHead(
  read: ReadRange,
  hash: Hash
): Promise<{ readonly header: Header; readonly start: number } | undefined> {
  const first = await read(0, HEAD_BYTES)
  if (first === undefined || first.length < PREFIX_BYTES) return undefined
  if (!equalBytes(first.subarray(0, 4), MAGIC)) return undefined
  const end = PREFIX_BYTES + new DataView(first.buffer, first.byteOffset).getUint32(4)
  const bytes = end <= first.length ? first : await read(0, end)
  if (bytes === undefined || bytes.length < end) return undefined
  const head = bytes.subarray(PREFIX_BYTES, end)
  if (!equalBytes(hash.sha1(head), bytes.subarray(8, PREFIX_BYTES))) return undefined
  return { header: JSON.parse(decodeUtf8(head)) as Header, start: align(end) }
}

/** Returns the parts of the bytes of cells. */
function formatCells({ kinds, numbers, others }: Cells): readonly Uint8Array[] {
  const { buffer, byteOffset, byteLength } = numbers
  const rest = encodeUtf8(others.length === 0 ? '' : formatOthers(others))
  return [new Uint8Array(buffer, byteOffset, byteLength), kinds, rest]
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}

function parseCells(given: Uint8Array, count: number): Cells {
  // Numbers can be looked at in place only where the memory is aligned.
  const bytes = given.byteOffset % 8 === 0 ? given : new Uint8Array(given)
  const text = decodeUtf8(bytes.subarray(9 * count))
  return {
    numbers: new Float64Array(bytes.buffer, bytes.byteOffset, count),
    kinds: bytes.subarray(8 * count, 9 * count),
    others: text === '' ? [] : parseOthers(text)
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
