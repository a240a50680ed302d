import { formatCanonicalJson } from '../base/canonical-json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { rowLines, rowParser } from '../format/rows.ts'
import type { ResultColumn } from '../model/records.ts'
import type { RowJudge } from './row-judge.ts'

/** How a row stands to the row of the same key of the first run. */
export type RowChange = 'worsened' | 'improved' | 'changed' | 'missing' | 'new' | 'same'

export const ROW_CHANGES: readonly RowChange[] = [
  'worsened',
  'improved',
  'changed',
  'missing',
  'new',
  'same'
]

/** A row of two runs. */
export interface ComparedRow {
  readonly change: RowChange
  /** What the key column holds. */
  readonly key: Json
  /** As the first run has it; absent if it is new. */
  readonly before?: JsonObject
  /** As the other run has it; absent if it is missing. */
  readonly after?: JsonObject
}

/** What is to be known of the rows of one run. */
export interface RowSide {
  /** How many rows were read, those below included. */
  readonly rows: number
  /** How many have no key, so that they are not compared. */
  readonly withoutKey: number
  /** How many have the key of an earlier row, which alone is compared. */
  readonly repeated: number
  /** The first of the keys that several rows have. */
  readonly repeatedKeys: readonly Json[]
  /** How many lines are no rows. */
  readonly broken: number
}

/** The rows of a run beside those of the first. */
export interface ComparedRows {
  readonly counts: { readonly [C in RowChange]: number }
  /** In the order of `RowChange`, then as they are stored. */
  readonly rows: readonly ComparedRow[]
}

/** The rows of a result, part by part, with how they are read. */
export interface RowsToCompare {
  readonly columns: readonly ResultColumn[]
  parts(): AsyncIterable<Uint8Array>
}

/** How rows are compared. */
export interface RowRules {
  readonly key: string
  readonly judge: RowJudge
  /** Which rows of each kind are given. */
  readonly limit: number
  readonly all: boolean
  /** Called after each part. */
  readonly onRows: (rows: number) => void
}

/** How many of the keys are named that several rows have. */
const NAMED_KEYS = 20

/** Counts what is to be known of one side while it is read. */
class SideReader {
  readonly #source: RowsToCompare
  readonly #rules: RowRules
  readonly #repeatedKeys = new Map<string, Json>()
  #rows = 0
  #withoutKey = 0
  #repeated = 0
  #broken = 0

  constructor(source: RowsToCompare, rules: RowRules) {
    this.#source = source
    this.#rules = rules
  }

  /** Reads the rows that have a key; what `isKnown` knows of comes once. */
  async *read(isKnown: (name: string) => boolean): AsyncGenerator<{
    readonly name: string
    readonly line: string
    readonly row: JsonObject
  }> {
    const parse = rowParser(this.#source.columns)
    for await (const bytes of this.#source.parts()) {
      const { lines, torn } = rowLines(bytes)
      this.#broken += torn
      for (const line of lines) {
        const row = parse(line)
        const key = row && keyOf(row, this.#rules.key)
        if (row === undefined) this.#broken++
        else this.#rows++
        if (row !== undefined && key === undefined) this.#withoutKey++
        if (row === undefined || key === undefined) continue
        const name = nameOfKey(key)
        if (isKnown(name)) this.#repeat(name, key)
        else yield { name, line, row }
      }
      this.#rules.onRows(this.#rows)
    }
  }

  #repeat(name: string, key: Json): void {
    this.#repeated++
    if (this.#repeatedKeys.size < NAMED_KEYS) this.#repeatedKeys.set(name, key)
  }

  get side(): RowSide {
    return {
      rows: this.#rows,
      withoutKey: this.#withoutKey,
      repeated: this.#repeated,
      repeatedKeys: [...this.#repeatedKeys.values()],
      broken: this.#broken
    }
  }
}

/** The rows of the first run, as text by key. */
export interface BaseRows {
  readonly side: RowSide
  readonly lines: ReadonlyMap<string, string>
  readonly parse: (line: string) => JsonObject | undefined
}

/** Reads the rows that the others are compared with. */
export async function readBase(source: RowsToCompare, rules: RowRules): Promise<BaseRows> {
  const lines = new Map<string, string>()
  const reader = new SideReader(source, rules)
  for await (const { name, line } of reader.read((known) => lines.has(known))) lines.set(name, line)
  return { side: reader.side, lines, parse: rowParser(source.columns) }
}

/** Compares the rows of another run with those of the first, while they are read. */
export async function compareWithBase(
  base: BaseRows,
  source: RowsToCompare,
  rules: RowRules
): Promise<ComparedRows & { readonly side: RowSide }> {
  const counts = { worsened: 0, improved: 0, changed: 0, missing: 0, new: 0, same: 0 }
  const rows = new Map<RowChange, ComparedRow[]>(ROW_CHANGES.map((change) => [change, []]))
  const isWanted = (change: RowChange): boolean =>
    counts[change]++ < rules.limit && (change !== 'same' || rules.all)
  const add = (row: ComparedRow): void => void rows.get(row.change)?.push(row)
  const seen = new Set<string>()
  const reader = new SideReader(source, rules)
  for await (const { name, line, row: after } of reader.read((known) => seen.has(known))) {
    seen.add(name)
    const key = keyOf(after, rules.key) as Json
    const baseLine = base.lines.get(name)
    const before = baseLine === undefined ? undefined : base.parse(baseLine)
    const isSame = baseLine === line
    const change = before === undefined ? 'new' : isSame ? 'same' : rules.judge(before, after)
    if (isWanted(change)) add({ change, key, ...(before === undefined ? {} : { before }), after })
  }
  for (const [name, line] of base.lines) {
    if (seen.has(name) || !isWanted('missing')) continue
    const before = base.parse(line) as JsonObject
    add({ change: 'missing', key: keyOf(before, rules.key) as Json, before })
  }
  return { counts, rows: [...rows.values()].flat(), side: reader.side }
}

function keyOf(row: JsonObject, column: string): Json | undefined {
  return (Object.hasOwn(row, column) ? row[column] : undefined) ?? undefined
}

/** Returns a text that only equal keys share: the number 1 is not the text "1". */
function nameOfKey(key: Json): string {
  return formatCanonicalJson(key === 0 ? 0 : key)
}
