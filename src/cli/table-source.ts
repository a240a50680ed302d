import type { Json } from '../base/json.ts'

/** What all values of a column are. What is neither a number, a truth value nor a time is text. */
export type ColumnKind = 'number' | 'boolean' | 'time' | 'text'

/** A column of a table. */
export interface SourceColumn {
  readonly name: string
  /** Default: to be seen from the values. */
  readonly kind?: ColumnKind | undefined
  /** Whether texts of it are times in the stored form. Default: false. */
  readonly isTime?: boolean
}

/** The values of a row, one for each column. */
export type Row = readonly (Json | undefined)[]

/** A table that is read in parts, so that it need not be in memory as a whole. */
export interface TableSource {
  readonly columns: readonly SourceColumn[]
  /** Gives some rows after others; they can be read again. */
  read(): AsyncIterable<readonly Row[]>
}

/** A column whose kind is known. */
export interface KindedColumn extends SourceColumn {
  readonly kind: ColumnKind
}

/** Watches the values of columns, to say of what kind they are. */
export class KindWatch {
  readonly #seen: Set<ColumnKind>[] = []
  readonly #last: (ColumnKind | undefined)[] = []

  /** Takes the value of a column; `isTime` says that texts of it are times. */
  see(column: number, value: Json | undefined, isTime = false): void {
    if (value === undefined || value === null) return
    const kind = kindOf(value, isTime)
    if (kind === this.#last[column]) return
    this.#last[column] = kind
    const seen = this.#seen[column]
    if (seen === undefined) this.#seen[column] = new Set([kind])
    else seen.add(kind)
  }

  /** Returns the kind of a column: text if its values are of several kinds, or there are none. */
  kindOf(column: number): ColumnKind {
    const [kind = 'text', ...others] = this.#seen[column] ?? []
    return others.length === 0 ? kind : 'text'
  }
}

function kindOf(value: Json, isTime: boolean): ColumnKind {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return typeof value as 'number' | 'boolean'
  }
  return isTime && typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? 'time' : 'text'
}

/** Returns the columns of a table with their kinds; reads it if they are not known. */
export async function readKinds(source: TableSource): Promise<readonly KindedColumn[]> {
  const { columns } = source
  if (columns.every(({ kind }) => kind !== undefined)) return columns as readonly KindedColumn[]
  const watch = new KindWatch()
  for await (const rows of source.read()) {
    for (const row of rows) {
      for (const [index, value] of row.entries()) watch.see(index, value, columns[index]?.isTime)
    }
  }
  return columns.map((column, index) => ({ ...column, kind: watch.kindOf(index) }))
}

/** Returns a table with some of its columns, by name. */
export function selectColumns(source: TableSource, names: readonly string[]): TableSource {
  const places = names.map((name) => source.columns.findIndex((column) => column.name === name))
  return {
    columns: places.map((place) => source.columns[place] as SourceColumn),
    async *read() {
      for await (const rows of source.read()) {
        yield rows.map((row) => places.map((place) => row[place]))
      }
    }
  }
}
