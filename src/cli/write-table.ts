import { encodeUtf8 } from '../base/bytes.ts'
import type { Context } from './context.ts'
import { createPause } from './pause.ts'
import { jsonText } from './print.ts'
import { openProgress } from './progress.ts'
import { csvLine } from './table-output.ts'
import type { TableSource } from './table-source.ts'
import { checkTarget, writeWhole } from './write-whole.ts'

/** The forms of files with tables, by the ending of their names. */
export type TableForm = 'csv' | 'jsonl' | 'parquet'

const FORMS: readonly string[] = ['csv', 'jsonl', 'parquet']

/** Returns the form that a file's name asks for; `undefined` if it is that of no table. */
export function tableFormOf(path: string): TableForm | undefined {
  const ending = /[^/\\.]\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return FORMS.includes(ending) ? (ending as TableForm) : undefined
}

/**
 * Writes a table into a file, a part at a time; returns the number of rows. The file appears when it is
 * whole; a link of its name is replaced, not followed.
 *
 * @throws CLI_FOLDER_MISSING, CLI_PATH_UNSAFE; CLI_USAGE if it is there and `force` is not given.
 */
export async function writeTable(
  context: Context,
  source: TableSource,
  target: { readonly path: string; readonly form: TableForm; readonly force: boolean }
): Promise<number> {
  const progress = openProgress(context, 'rows written:')
  const pause = createPause(context)
  let count = 0
  const counted: TableSource = {
    columns: source.columns,
    async *read() {
      count = 0
      for await (const rows of source.read()) {
        await pause()
        count += rows.length
        progress.update(count, 0)
        yield rows
      }
    }
  }
  try {
    await checkTarget(context.files, target)
    await writeWhole(
      context.files,
      context.files.resolve(target.path),
      encode(context, counted, target.form)
    )
  } finally {
    progress.stop()
  }
  return count
}

async function* encode(
  context: Context,
  source: TableSource,
  form: TableForm
): AsyncGenerator<Uint8Array> {
  if (form === 'parquet') {
    const { encodeParquet } = await import('./parquet.ts')
    yield* encodeParquet(source, { createdBy: `runtree version ${context.version}` })
    return
  }
  const names = source.columns.map(({ name }) => name)
  if (form === 'csv') yield encodeUtf8(csvLine(names))
  const lineOf =
    form === 'csv' ? csvLine : (row: Parameters<typeof csvLine>[0]) => jsonLine(names, row)
  for await (const rows of source.read()) {
    if (rows.length > 0) yield encodeUtf8(rows.map(lineOf).join(''))
  }
}

/** Formats a row as a line of JSON; what it doesn't have is left away. */
function jsonLine(names: readonly string[], row: Parameters<typeof csvLine>[0]): string {
  const members = row.flatMap((value, index) =>
    value === undefined ? [] : [`${JSON.stringify(names[index])}:${jsonText(value)}`]
  )
  return `{${members.join(',')}}\n`
}
