import type { ResultRecord } from '../../model/records.ts'
import { changeParams } from '../navigation.ts'
import { Choice } from '../parts/choice.tsx'
import { useLoad } from '../parts/load.ts'
import { Section } from '../parts/section.tsx'
import { Empty, Show } from '../parts/states.tsx'
import type { Route } from '../route.ts'
import { knownColumns } from '../run/row-columns.ts'
import type { RunRow } from '../source/answers.ts'
import type { CompareRowsRequest } from '../source/requests.ts'
import type { RunAnswer } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'
import { JoinedRows } from './joined-rows.tsx'

/** Which cases two runs disagree about: their rows, joined by a key. */
export function RowsTab(props: {
  readonly source: Source
  readonly runs: readonly RunRow[]
  readonly params: Route['params']
}) {
  const { source, runs, params } = props
  const base = runs.find(({ id }) => id === params.base) ?? runs[0]
  const other =
    runs.find(({ id }) => id === params.other && id !== base?.id) ??
    runs.find(({ id }) => id !== base?.id)
  const both = useLoad(
    (signal) =>
      base === undefined || other === undefined
        ? Promise.resolve(undefined)
        : Promise.all([
            source.run({ address: base.address }, { signal }),
            source.run({ address: other.address }, { signal })
          ]),
    [source, base?.address, other?.address],
    { keep: true }
  )
  if (base === undefined || other === undefined) return null
  return (
    <Show loaded={both}>
      {(answers) => {
        const results = commonResults(answers ?? [])
        const result = results.find(({ name }) => name === params.result) ?? results[0]
        if (result === undefined) {
          return (
            <Empty title="No rows to join" icon="table">
              <p>Both runs need a result of the same name, such as predictions.</p>
            </Empty>
          )
        }
        const { name } = result
        const show = params.show as CompareRowsRequest['show']
        return (
          <Section
            title={`${name}: what became better and worse`}
            isWide
            actions={
              <Choices
                base={base}
                other={other}
                runs={runs}
                results={results}
                result={result}
                column={params.by}
              />
            }
          >
            <JoinedRows
              key={`${base.address} ${other.address} ${name} ${show} ${params.by}`}
              source={source}
              base={base}
              other={other}
              result={name}
              show={show ?? 'different'}
              column={params.by}
            />
          </Section>
        )
      }}
    </Show>
  )
}

/** Returns the results that both runs have; those that say which rows are right come first. */
function commonResults(answers: readonly RunAnswer[]): readonly ResultRecord[] {
  const [first, second] = answers.map(({ results }) => results)
  const rank = ({ key, columns = [] }: ResultRecord): number =>
    Number(key !== undefined) + Number(knownColumns(columns).correct !== undefined)
  return [...(first ?? [])]
    .filter(({ name }) => second?.some((result) => result.name === name))
    .sort((a, b) => rank(b) - rank(a))
}

function Choices(props: {
  readonly base: RunRow
  readonly other: RunRow
  readonly runs: readonly RunRow[]
  readonly results: readonly ResultRecord[]
  readonly result: ResultRecord
  readonly column: string | undefined
}) {
  const { base, other, runs, results, result, column } = props
  const columns = (result.columns ?? []).filter(
    ({ name, type }) => type !== 'string' && name !== result.key
  )
  return (
    <div class="chart-controls">
      {results.length < 2 ? null : (
        <Choice
          label="Result"
          hidesLabel
          value={result.name}
          options={results.map(({ name }) => name)}
          onPick={(name) => changeParams({ result: name, by: undefined })}
        />
      )}
      <Choice
        label="by"
        value={column ?? ''}
        options={[['', 'what its rows suggest'], ...columns.map(({ name }) => name)]}
        onPick={(by) => changeParams({ by })}
      />
      <RunChoice
        label="from"
        runs={runs}
        value={base.id}
        onPick={(id) => changeParams({ base: id })}
      />
      <RunChoice
        label="to"
        runs={runs.filter(({ id }) => id !== base.id)}
        value={other.id}
        onPick={(id) => changeParams({ other: id })}
      />
    </div>
  )
}

function RunChoice(props: {
  readonly label: string
  readonly runs: readonly RunRow[]
  readonly value: string
  readonly onPick: (id: string) => void
}) {
  const { label, runs, value, onPick } = props
  return (
    <Choice
      label={label}
      value={value}
      options={runs.map(({ id, name }) => [id, name ?? id])}
      onPick={onPick}
    />
  )
}
