import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { Json } from '../base/json.ts'
import { textOf } from './table-output.ts'
import { type ColumnKind, type KindedColumn, readKinds, type TableSource } from './table-source.ts'

/** A group of rows is written when it has so many rows, or characters of text. */
const GROUP_ROWS = 20_000
const GROUP_CHARACTERS = 16_000_000

type Cell = number | boolean | Date | string | undefined

const ELEMENTS = {
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }
} as const

/** Encodes a table as Apache Parquet, one group of rows after another. */
export async function* encodeParquet(
  source: TableSource,
  options: { readonly createdBy: string }
): AsyncGenerator<Uint8Array> {
  const columns = await readKinds(source)
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    createdBy: options.createdBy,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, kind }) => ({
        name,
        ...ELEMENTS[kind],
        repetition_type: 'OPTIONAL' as const
      }))
    ]
  })
  const take = (): Uint8Array => {
    const taken = bytes.getBytes().slice()
    bytes.index = 0
    return taken
  }
  for await (const group of groupRows(source, columns)) {
    const columnData = columns.map(({ name }, index) => ({
      name,
      data: group.map((row) => row[index])
    }))
    await writer.write({ columnData, rowGroupSize: group.length })
    yield take()
  }
  await writer.finish()
  yield take()
}

/** Gathers rows into groups. */
async function* groupRows(
  source: TableSource,
  columns: readonly KindedColumn[]
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let group: (readonly Cell[])[] = []
  let characters = 0
  for await (const rows of source.read()) {
    for (const row of rows) {
      const cells = columns.map(({ kind }, index) => cellOf(kind, row[index]))
      for (const cell of cells) if (typeof cell === 'string') characters += cell.length
      group.push(cells)
      if (group.length < GROUP_ROWS && characters < GROUP_CHARACTERS) continue
      yield group
      group = []
      characters = 0
    }
  }
  if (group.length > 0) yield group
}

function cellOf(kind: ColumnKind, value: Json | undefined): Cell {
  if (value === undefined || value === null) return undefined
  if (kind === 'text') return textOf(value)
  if (kind === 'time') return typeof value === 'string' ? new Date(value) : undefined
  return typeof value === kind ? (value as number | boolean) : undefined
}
