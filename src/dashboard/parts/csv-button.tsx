import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { type CsvTable, formatCsv } from './csv.ts'
import { download } from './download.ts'
import { withWork } from './load.ts'
import { showFailure } from './toast.tsx'

/** Gives the person a table as a file. */
export function CsvButton(props: {
  /** What the file is called, without its ending; slashes become dashes. */
  readonly name: string
  /** What is downloaded, such as `these rows`. */
  readonly what: string
  /** Makes the table, which may take reading more than is shown. */
  readonly read: () => CsvTable | Promise<CsvTable>
  readonly disabled?: boolean
  readonly tone?: 'plain' | 'quiet'
  readonly size?: 'small'
}): JSX.Element {
  const { name, what, read, disabled = false, tone, size } = props
  const [isBusy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      const table = await withWork(async () => read())
      download(`${name.replaceAll('/', '-')}.csv`, formatCsv(table), 'text/csv')
    } catch (error) {
      showFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      label="CSV"
      icon="download"
      title={`Download ${what} as CSV`}
      disabled={disabled || isBusy}
      onClick={() => void save()}
      {...(tone === undefined ? {} : { tone })}
      {...(size === undefined ? {} : { size })}
    />
  )
}
