import type { Json } from '../../base/json.ts'
import { readConfusion } from '../charts/confusion.ts'
import { ConfusionMatrix } from '../charts/confusion-matrix.tsx'
import { useLoad } from '../parts/load.ts'
import { Section } from '../parts/section.tsx'
import { Show } from '../parts/states.tsx'
import type { RunView } from './run-view.ts'

/** Told of a cell of a confusion matrix that is chosen. */
type OnPick = (actual: string, predicted: string) => void

/** Metrics that are no numbers, each as what it is. */
export function StructuredValues({
  view,
  onPick
}: {
  readonly view: RunView
  readonly onPick: OnPick | undefined
}) {
  const names = [...new Set(view.answer.structured.map(({ name }) => name))]
  return (
    <>
      {names.map((name) => (
        <StructuredValue key={name} view={view} metric={name} onPick={onPick} />
      ))}
    </>
  )
}

function StructuredValue(props: {
  readonly view: RunView
  readonly metric: string
  readonly onPick: OnPick | undefined
}) {
  const { view, metric, onPick } = props
  const { source, answer } = view
  const value = useLoad(
    (signal) => source.value({ address: answer.address, metric }, { signal }),
    [answer.address, metric, answer.commitOid],
    { keep: true }
  )
  return (
    <Section title={metric}>
      <Show loaded={value} lines={5}>
        {({ values }) =>
          values.map((each, i) => (
            <div key={i}>
              {values.length > 1 ? <h3>{each.split ?? 'All together'}</h3> : null}
              <OneValue value={each.value} metric={metric} onPick={onPick} />
            </div>
          ))
        }
      </Show>
    </Section>
  )
}

function OneValue(props: {
  readonly value: Json
  readonly metric: string
  readonly onPick: OnPick | undefined
}) {
  const confusion = readConfusion(props.value)
  return confusion === undefined ? (
    <pre class="preview-text" tabindex={0}>
      {JSON.stringify(props.value, null, 2)}
    </pre>
  ) : (
    <ConfusionMatrix confusion={confusion} title={props.metric} onPick={props.onPick} />
  )
}
