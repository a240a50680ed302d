import type { ComputationRecord, SplitPart, SplitRecord } from '../../model/records.ts'
import { flatten } from '../parts/flatten.ts'
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
    <div class="scroll-x">
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">Split</th>
            <th scope="col">Dataset</th>
            {['Train', 'Validation', 'Test', 'Seed'].map((head) => (
              <th scope="col" class="right" key={head}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {splits.map(({ name, dataset, train, validation, test, seed }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{dataset ?? '–'}</td>
              {[train, validation, test].map((part, i) => (
                <td class="right" key={i} title={part?.indices?.slice(0, 200).join(', ')}>
                  {countOf(part)}
                </td>
              ))}
              <td class="right">{seed ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function countOf(part: SplitPart | undefined): string {
  const count = part?.count ?? part?.indices?.length
  return count === undefined ? '–' : formatNumber(count)
}

function ComputationTable({
  computations
}: {
  readonly computations: readonly ComputationRecord[]
}) {
  return (
    <div class="scroll-x">
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Component</th>
            <th scope="col">Split</th>
            <th scope="col">After</th>
            <th scope="col">Parameters</th>
            <th scope="col" class="right">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {computations.map((step) => (
            <tr key={step.name}>
              <th scope="row">{step.name}</th>
              <td>{step.component ?? '–'}</td>
              <td>{step.split ?? '–'}</td>
              <td>{step.predecessor ?? '–'}</td>
              <td class="clip">{paramsOf(step)}</td>
              <td class="right">{durationOf(step)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function paramsOf({ params, hyperparams }: ComputationRecord): string {
  const entries = [...flatten(hyperparams), ...flatten(params)]
  return entries.map(([name, value]) => `${name}=${textOfValue(value)}`).join(' ') || '–'
}

function durationOf({ started, finished }: ComputationRecord): string {
  if (started === undefined || finished === undefined) return '–'
  return formatDuration((Date.parse(finished) - Date.parse(started)) / 1000)
}
