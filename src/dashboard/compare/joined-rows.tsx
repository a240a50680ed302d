import { useState } from 'preact/hooks'
import type { JsonObject } from '../../base/json.ts'
import { changeParams } from '../navigation.ts'
import { Button } from '../parts/button.tsx'
import { CsvButton } from '../parts/csv-button.tsx'
import { failureOf } from '../parts/failure.ts'
import { useLoad } from '../parts/load.ts'
import { Empty, Loading, Problem } from '../parts/states.tsx'
import { formatNumber } from '../parts/text.ts'
import { textOfValue } from '../parts/value.tsx'
import { RowDialog } from '../run/row-dialog.tsx'
import type { RunRow } from '../source/answers.ts'
import type { CompareRowsRequest } from '../source/requests.ts'
import type { ComparedRow, RowComparison } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'
import { readJoined } from './joined-table.ts'

const WINDOW = 200

type Show = NonNullable<CompareRowsRequest['show']>

const STATES: { readonly [state in ComparedRow['state']]: string } = {
  improved: 'improved',
  worsened: 'worsened',
  changed: 'changed',
  same: 'same',
  added: 'new',
  removed: 'missing'
}

/** Rows of two runs beside each other. */
export function JoinedRows(props: {
  readonly source: Source
  readonly base: RunRow
  readonly other: RunRow
  readonly result: string
  readonly show: Show
  /** The column that tells better from worse. Default: the one that the rows suggest. */
  readonly column: string | undefined
}) {
  const { source, base, other, result, show, column } = props
  const [wanted, setWanted] = useState(WINDOW)
  const [open, setOpen] = useState<ComparedRow>()
  const request = {
    base: base.address,
    other: other.address,
    result,
    show,
    ...(column !== undefined && { column })
  }
  const loaded = useLoad(
    (signal) => source.compareRows({ ...request, limit: wanted }, { signal }),
    [source, base.address, other.address, result, show, column, wanted],
    { keep: true }
  )
  const { value: found, error, reload } = loaded
  if (failureOf(error).code === 'QUERY_ROWS') {
    return (
      <Empty title="Which row is better?" icon="compare">
        <p>No column says so by its name: choose one above, such as a score.</p>
        <p class="small">{failureOf(error).message}</p>
      </Empty>
    )
  }
  if (error !== undefined) return <Problem error={error} onRetry={reload} />
  if (found === undefined) return <Loading lines={6} />
  return (
    <>
      <div class="kinds-line">
        <Kinds counts={found.counts} show={show} />
        <CsvButton
          name={`${result} ${base.name ?? base.id} ${other.name ?? other.id}`}
          what="these rows"
          size="small"
          disabled={found.total === 0}
          read={() => readJoined(source, request, [base, other])}
        />
      </div>
      {found.rows.length === 0 ? (
        <p class="card-body muted">There are no such rows.</p>
      ) : (
        <JoinedTable found={found} base={base} other={other} onOpen={setOpen} />
      )}
      {found.rows.length < found.total ? (
        <div class="card-more">
          <Button
            label={`Show more of ${formatNumber(found.total)}`}
            tone="quiet"
            onClick={() => setWanted(wanted + WINDOW)}
          />
        </div>
      ) : null}
      {open === undefined ? null : (
        <RowDialog
          title={`${found.key} ${textOfValue(open.key)}`}
          sides={[
            { name: base.name ?? base.id, row: open.base ?? {} },
            { name: other.name ?? other.id, row: open.other ?? {} }
          ]}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  )
}

function Kinds({
  counts,
  show
}: {
  readonly counts: RowComparison['counts']
  readonly show: Show
}) {
  const { improved, worsened, changed, added, removed, same } = counts
  const all = improved + worsened + changed + added + removed
  const kinds: readonly (readonly [Show, string, number])[] = [
    ['different', 'All that differ', all],
    ['improved', 'Improved', improved],
    ['worsened', 'Worsened', worsened],
    ['added', 'New', added],
    ['removed', 'Missing', removed],
    ['all', 'All', all + same]
  ]
  return (
    <div class="kinds" role="group" aria-label="Which rows">
      {kinds.map(([kind, title, count]) => (
        <button
          key={kind}
          type="button"
          class={`button small kind-${kind}`}
          aria-pressed={kind === show}
          onClick={() => changeParams({ show: kind === 'different' ? undefined : kind })}
        >
          {title} <span class="numeric">{formatNumber(count)}</span>
        </button>
      ))}
    </div>
  )
}

function JoinedTable(props: {
  readonly found: RowComparison
  readonly base: RunRow
  readonly other: RunRow
  readonly onOpen: (row: ComparedRow) => void
}) {
  const { found, base, other, onOpen } = props
  const columns = found.columns.filter((column) => column !== found.key)
  return (
    <section class="scroll-x joined" tabindex={0} aria-label="Rows of both runs">
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">{found.key}</th>
            <th scope="col">Change</th>
            <th scope="col">Run</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        {found.rows.map((row, i) => (
          <tbody key={i}>
            <tr>
              <th scope="row" rowSpan={2}>
                <button type="button" class="link-button" onClick={() => onOpen(row)}>
                  {textOfValue(row.key)}
                </button>
              </th>
              <td rowSpan={2}>
                <span class={`badge ${toneOf(row.state)}`}>{STATES[row.state]}</span>
              </td>
              <Cells
                name={base.name ?? base.id}
                row={row.base}
                other={row.other}
                columns={columns}
              />
            </tr>
            <tr>
              <Cells
                name={other.name ?? other.id}
                row={row.other}
                other={row.base}
                columns={columns}
              />
            </tr>
          </tbody>
        ))}
      </table>
    </section>
  )
}

function Cells(props: {
  readonly name: string
  readonly row: JsonObject | undefined
  readonly other: JsonObject | undefined
  readonly columns: readonly string[]
}) {
  const { name, row, other, columns } = props
  return (
    <>
      <td class="muted clip">{name}</td>
      {row === undefined ? (
        <td class="muted" colSpan={columns.length}>
          has no such row
        </td>
      ) : (
        columns.map((column) => {
          const text = textOfValue(row[column])
          const differs = other !== undefined && text !== textOfValue(other[column])
          return (
            <td key={column} class={`clip${differs ? ' is-other' : ''}`} title={text.slice(0, 500)}>
              {text.slice(0, 200)}
            </td>
          )
        })
      )}
    </>
  )
}

function toneOf(state: ComparedRow['state']): string {
  if (state === 'improved') return 'good'
  if (state === 'worsened') return 'bad'
  return state === 'changed' ? 'warn' : ''
}
