import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Json } from '../../base/json.ts'
import type { Aggregate } from '../../service/query.ts'
import { dataVersion } from '../live.ts'
import { Button } from '../parts/button.tsx'
import { CsvButton } from '../parts/csv-button.tsx'
import { useLoad } from '../parts/load.ts'
import { Show } from '../parts/states.tsx'
import { formatCount, formatDuration, formatNumber, formatSpread } from '../parts/text.ts'
import type { GroupAnswer } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { textOf } from './cell.tsx'
import type { Column } from './columns.ts'
import { formatFilterValue } from './completion.ts'
import { shortName } from './field-list.ts'
import { NAMES } from './group-menu.tsx'
import { heatOf } from './heat.ts'
import type { TableState } from './table-state.ts'

/** So many groups are drawn at first, and more at a time. */
const SHOWN = 200

type Group = GroupAnswer['groups'][number]

/** Groups of runs with what their numbers come to; a click leads to the runs of one. */
export function GroupTable(props: {
  readonly source: Source
  readonly address: string
  readonly state: TableState
  readonly columns: readonly Column[]
  readonly onFilter: (filter: string) => void
}): JSX.Element {
  const { source, address, state, onFilter } = props
  // Means of parameters say little, unless somebody asks for them.
  const columns = props.columns.filter(
    ({ kind, field }) =>
      !state.by.includes(field) &&
      (kind === 'metric' ||
        kind === 'duration' ||
        (kind === 'number' && state.columns !== undefined))
  )
  const aggregate = columns.map(({ field }) => field)
  const { by, filter } = state
  const groups = useLoad(
    (signal) =>
      source.group({ address, by, aggregate, ...(filter === '' ? {} : { filter }) }, { signal }),
    [source, address, filter, by.join('\n'), aggregate.join('\n'), dataVersion.value],
    { keep: true }
  )
  return (
    <div class="group-frame" tabIndex={0} role="region" aria-label="Groups">
      <Show loaded={groups}>
        {(answer) => (
          <Groups
            address={address}
            answer={answer}
            state={state}
            columns={columns}
            onOpen={(key) => onFilter(filterOf(filter, by, key))}
          />
        )}
      </Show>
    </div>
  )
}

function Groups(props: {
  readonly address: string
  readonly answer: GroupAnswer
  readonly state: TableState
  readonly columns: readonly Column[]
  readonly onOpen: (key: readonly Json[]) => void
}): JSX.Element {
  const { address, answer, state, columns } = props
  const [shown, setShown] = useState(SHOWN)
  const [sort, setSort] = useState<{ readonly at: number; readonly sign: number }>()
  const numberOf = (group: Group, at: number): number | undefined =>
    at < 0 ? group.count : group.aggregates[answer.fields[at] ?? '']?.[state.aggregate]
  const groups =
    sort === undefined
      ? answer.groups
      : answer.groups.toSorted((a, b) =>
          order(numberOf(a, sort.at), numberOf(b, sort.at), sort.sign)
        )
  const heat = heatOfGroups(answer, columns, numberOf)
  const head = (at: number, label: string, title: string): JSX.Element => (
    <th
      scope="col"
      class="right"
      aria-sort={sort?.at === at ? (sort.sign < 0 ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        class="head-button"
        title={title}
        onClick={() => setSort({ at, sign: sort?.at === at ? -sort.sign : -1 })}
      >
        {label}
        {sort?.at === at ? (sort.sign < 0 ? ' ↓' : ' ↑') : ''}
      </button>
    </th>
  )
  return (
    <>
      <div class="group-tools">
        <CsvButton
          name={`${address || 'runs'} by ${answer.by.join(' ')}`}
          what="these groups"
          size="small"
          read={() => ({
            head: [
              ...answer.by,
              'runs',
              ...columns.map(({ field }) => `${state.aggregate} ${field}`)
            ],
            rows: groups.map((group) => [
              ...group.key,
              group.count,
              ...columns.map((_, at) => numberOf(group, at))
            ])
          })}
        />
      </div>
      <table class="plain-table">
        <caption class="visually-hidden">
          {formatCount(answer.groups.length, 'group')} of {formatCount(answer.total, 'run')}
        </caption>
        <thead>
          <tr>
            {answer.by.map((field) => (
              <th scope="col" key={field} title={field}>
                {shortName(field)}
              </th>
            ))}
            {head(-1, 'runs', 'How many runs')}
            {columns.map(({ field, label }, at) => (
              <GroupHead
                key={field}
                cell={head(at, label, `${NAMES[state.aggregate]} of ${field}`)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, shown).map((group) => (
            <tr key={JSON.stringify(group.key)} onClick={() => props.onOpen(group.key)}>
              {group.key.map((value, at) => (
                <td key={answer.by[at]}>
                  {at === 0 ? (
                    <button type="button" class="as-link group-link" title="Show these runs">
                      {value === null ? 'none' : textOf(value)}
                    </button>
                  ) : value === null ? (
                    <span class="muted">none</span>
                  ) : (
                    textOf(value)
                  )}
                </td>
              ))}
              <td class="right">{formatNumber(group.count)}</td>
              {columns.map(({ field, kind }, at) => (
                <GroupCell
                  key={field}
                  numbers={group.aggregates[answer.fields[at] ?? '']}
                  value={numberOf(group, at)}
                  isMean={state.aggregate === 'mean'}
                  isDuration={kind === 'duration'}
                  heat={state.isColoured ? heat(field, numberOf(group, at)) : undefined}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {groups.length > shown ? (
        <p class="card-body">
          <Button
            label={`Show more of ${formatCount(groups.length, 'group')}`}
            onClick={() => setShown(shown + SHOWN)}
          />
        </p>
      ) : null}
    </>
  )
}

function GroupHead({ cell }: { readonly cell: JSX.Element }): JSX.Element {
  return cell
}

function GroupCell(props: {
  readonly numbers: Aggregate | undefined
  readonly value: number | undefined
  readonly isMean: boolean
  readonly isDuration: boolean
  readonly heat: number | undefined
}): JSX.Element {
  const { numbers, value, isMean, heat } = props
  const format = props.isDuration
    ? formatDuration
    : (number: number) => formatNumber(number, { aligned: true })
  const isHot = heat !== undefined
  return (
    <td
      class={`right${isHot ? ' heat' : ''}`}
      style={isHot ? { '--heat': `${Math.round(heat * heat * 34)}%` } : {}}
      title={numbers === undefined ? undefined : hintOf(numbers)}
    >
      {value === undefined ? null : format(value)}
      {isMean && numbers?.std !== undefined ? (
        <span class="spread">
          {' ± '}
          {props.isDuration ? formatDuration(numbers.std) : formatSpread(numbers.std, numbers.mean)}
        </span>
      ) : null}
    </td>
  )
}

function hintOf({ count, min, median, max }: Aggregate): string {
  const [least, middle, greatest] = [min, median, max].map((value) => formatNumber(value))
  return `${count} values: least ${least}, median ${middle}, greatest ${greatest}`
}

function order(a: number | undefined, b: number | undefined, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return sign * (a - b)
}

function heatOfGroups(
  answer: GroupAnswer,
  columns: readonly Column[],
  numberOf: (group: Group, at: number) => number | undefined
): ReturnType<typeof heatOf> {
  const goals = new Map<string, 'minimize' | 'maximize'>()
  const entries = columns.map(({ field, goal }, at) => {
    if (goal !== undefined) goals.set(field, goal)
    const values = answer.groups
      .flatMap((group) => numberOf(group, at) ?? [])
      .filter(Number.isFinite)
      .sort((a, b) => a - b)
    const [min = 0, max = 0] = [values[0], values.at(-1)]
    const median = values[values.length >> 1] ?? 0
    return [field, { count: values.length, min, max, median, mean: median }] as const
  })
  return heatOf(goals, Object.fromEntries(entries))
}

/** Returns the filter that the runs of a group pass. */
function filterOf(filter: string, by: readonly string[], key: readonly Json[]): string {
  const conditions = by.map((field, at) => {
    const value = key[at] ?? null
    const text = formatFilterValue(value)
    return value === null || text === undefined ? `not exists(${field})` : `${field} = ${text}`
  })
  const rest = / or /i.test(filter) ? `(${filter})` : filter
  return [...(filter === '' ? [] : [rest]), ...conditions].join(' and ')
}
