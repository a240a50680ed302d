import { useEffect, useState } from 'preact/hooks'
import { isJsonObject, type JsonObject } from '../../base/json.ts'
import type { ResultRecord } from '../../model/records.ts'
import { changeParams } from '../navigation.ts'
import { Button } from '../parts/button.tsx'
import { Choice } from '../parts/choice.tsx'
import { CsvButton } from '../parts/csv-button.tsx'
import { Section } from '../parts/section.tsx'
import { formatCount, formatNumber } from '../parts/text.ts'
import { textOfValue } from '../parts/value.tsx'
import { knownColumns } from './row-columns.ts'
import { RowsTable } from './rows-table.tsx'
import type { RunView } from './run-view.ts'
import { readTable, useRows } from './use-rows.ts'

const TYPING_MS = 200

/** The rows of a result, with search, and only the wrong ones at a press. */
export function ResultRows(props: {
  readonly view: RunView
  readonly result: ResultRecord
  readonly results: readonly ResultRecord[]
}) {
  const { view, result, results } = props
  const { source, answer, params } = view
  const [search, setSearch] = useTyped(params.rows ?? '')
  const filter = readFilter(params.only)
  const known = knownColumns(result.columns ?? [])
  const request = {
    address: answer.address,
    result: result.name,
    ...(search !== '' && { search }),
    ...(filter !== undefined && { filter }),
    ...(params.order !== undefined && { sort: params.order })
  }
  const rows = useRows(source, request, answer.commitOid)
  const total = rows.head?.total
  const isWrongOnly = known.correct !== undefined && filter?.[known.correct] === false
  return (
    <div id="result-rows">
      <Section
        title={`Rows of ${result.name}`}
        isWide
        actions={
          <>
            {results.length < 2 ? null : (
              <Choice
                label="Result"
                hidesLabel
                value={result.name}
                options={results.map(({ name }) => name)}
                onPick={(name) => changeParams({ result: name, only: undefined, order: undefined })}
              />
            )}
            {known.correct === undefined ? null : (
              <Button
                label="Only wrong"
                size="small"
                pressed={isWrongOnly}
                onClick={() =>
                  changeParams({
                    only: isWrongOnly
                      ? undefined
                      : JSON.stringify({ [known.correct as string]: false })
                  })
                }
              />
            )}
            <CsvButton
              name={`${answer.address}/${result.name}`}
              what="these rows"
              size="small"
              disabled={total === undefined || total === 0}
              read={() => readTable(source, request)}
            />
            <input
              class="input rows-search"
              type="search"
              placeholder="Search"
              aria-label="Search in the rows"
              defaultValue={params.rows ?? ''}
              onInput={({ currentTarget: { value } }) => setSearch(value)}
            />
          </>
        }
      >
        <p class="card-line small muted" role="status">
          {total === undefined
            ? 'Reading…'
            : total === result.rows
              ? formatCount(total, 'row')
              : `${formatNumber(total)} of ${formatCount(result.rows, 'row')}`}
          {filter === undefined || isWrongOnly ? null : <FilterChips filter={filter} />}
        </p>
        <RowsTable
          label={`Table of ${result.name}`}
          rows={rows}
          keyColumn={result.key}
          correct={known.correct}
          sort={params.order}
          onSort={(order) => changeParams({ order })}
        />
      </Section>
    </div>
  )
}

function FilterChips({ filter }: { readonly filter: JsonObject }) {
  return (
    <span class="tags">
      {' '}
      {Object.entries(filter).map(([column, value]) => (
        <span class="tag" key={column}>
          <span>
            {column}: {textOfValue(value)}
          </span>
        </span>
      ))}
      <Button
        label="Show all"
        size="small"
        tone="quiet"
        onClick={() => changeParams({ only: undefined })}
      />
    </span>
  )
}

/** What was typed, a moment after; the address bar remembers it. */
function useTyped(initial: string): readonly [string, (text: string) => void] {
  const [typed, setTyped] = useState(initial)
  const [settled, setSettled] = useState(initial)
  useEffect(() => {
    if (typed === settled) return
    const timer = setTimeout(() => {
      setSettled(typed)
      changeParams({ rows: typed }, { replace: true })
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return [settled, setTyped]
}

function readFilter(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
