import type { ComputationRecord, SplitPart, SplitRecord } from '../../model/records.ts'
import { flatten } from '../parts/flatten.ts'
import { ScrollX } from '../parts/scroll-x.tsx'
import { Section } from '../parts/section.tsx'
import { formatDuration, formatNumber } from '../parts/text.ts'
import { textOfValue } from '../parts/value.tsx'
import type { RunAnswer } from '../source/run-answers.ts'

/** How a run divided its data, and the steps that it took. */
export function Steps({ answer }: { readonly answer: RunAnswer }) {
  const { splits, computations } = answer
  return (
    <>
      {splits.length === 0 ? null : (
        <Section title="Splits" count={splits.length} isWide>
          <SplitTable splits={splits} />
        </Section>
      )}
      {computations.length === 0 ? null : (
        <Section title="Computations" count={computations.length} isWide>
          <ComputationTable computations={computations} />
        </Section>
      )}
    </>
  )
}

function SplitTable({ splits }: { readonly splits: readonly SplitRecord[] }) {
  return (
    <Rows
      items={splits}
      columns={[
        { head: 'Dataset', text: ({ dataset }) => dataset },
        {
          head: 'Train',
          isRight: true,
          text: ({ train }) => countOf(train),
          title: indicesOf('train')
        },
        {
          head: 'Validation',
          isRight: true,
          text: ({ validation }) => countOf(validation),
          title: indicesOf('validation')
        },
        {
          head: 'Test',
          isRight: true,
          text: ({ test }) => countOf(test),
          title: indicesOf('test')
        },
        {
          head: 'Seed',
          isRight: true,
          text: ({ seed }) => (seed === undefined ? seed : String(seed))
        }
      ]}
    />
  )
}

function ComputationTable({
  computations
}: {
  readonly computations: readonly ComputationRecord[]
}) {
  return (
    <Rows
      items={computations}
      columns={[
        { head: 'Component', isMinor: true, text: ({ component }) => component },
        { head: 'Split', text: ({ split }) => split },
        { head: 'After', isMinor: true, text: ({ predecessor }) => predecessor },
        { head: 'Parameters', text: paramsOf },
        { head: 'Took', isRight: true, text: durationOf }
      ]}
    />
  )
}

interface StepColumn<T> {
  readonly head: string
  readonly isRight?: boolean
  /** Whether a phone has no room for it. */
  readonly isMinor?: boolean
  readonly text: (item: T) => string | undefined
  readonly title?: (item: T) => string | undefined
}

/** What has a name, a row each; columns of which nothing is known are left away. */
function Rows<T extends { readonly name: string }>(props: {
  readonly items: readonly T[]
  readonly columns: readonly StepColumn<T>[]
}) {
  const columns = props.columns.filter(({ text }) => props.items.some((each) => text(each)))
  const classOf = ({ isRight, isMinor }: StepColumn<T>): string =>
    `${isRight === true ? 'right' : 'clip'}${isMinor === true ? ' minor' : ''}`
  return (
    <ScrollX>
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            {columns.map((column) => (
              <th scope="col" class={classOf(column)} key={column.head}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.items.map((item) => (
            <tr key={item.name}>
              <th scope="row">{item.name}</th>
              {columns.map((column) => (
                <td class={classOf(column)} key={column.head} title={column.title?.(item)}>
                  {column.text(item) ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  )
}

function countOf(part: SplitPart | undefined): string | undefined {
  const count = part?.count ?? part?.indices?.length
  return count === undefined ? undefined : formatNumber(count)
}

function indicesOf(part: 'train' | 'validation' | 'test') {
  return (split: SplitRecord): string | undefined => split[part]?.indices?.slice(0, 200).join(', ')
}

function paramsOf({ params, hyperparams }: ComputationRecord): string | undefined {
  const entries = [...flatten(hyperparams), ...flatten(params)]
  return entries.map(([name, value]) => `${name}=${textOfValue(value)}`).join(' ') || undefined
}

function durationOf({ started, finished }: ComputationRecord): string | undefined {
  if (started === undefined || finished === undefined) return undefined
  return formatDuration((Date.parse(finished) - Date.parse(started)) / 1000)
}
