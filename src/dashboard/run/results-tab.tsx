import type { ResultRecord } from '../../model/records.ts'
import { changeParams } from '../navigation.ts'
import { Empty } from '../parts/states.tsx'
import { ResultRows } from './result-rows.tsx'
import { knownColumns } from './row-columns.ts'
import type { RunView } from './run-view.ts'
import { StructuredValues } from './structured-values.tsx'

/** Which cases and classes are wrong: confusion matrices, other structured values, and rows one by one. */
export function ResultsTab({ view }: { readonly view: RunView }) {
  const { results, structured } = view.answer
  if (results.length === 0 && structured.length === 0) {
    return (
      <Empty title="No results" icon="table">
        <p>Predictions and evaluation cases are shown here, row by row.</p>
        <pre>run.row('predictions', &#123; index, truth, prediction, correct &#125;)</pre>
      </Empty>
    )
  }
  const target = results.find(({ columns = [] }) => {
    const { actual, predicted } = knownColumns(columns)
    return actual !== undefined && predicted !== undefined
  })
  const current = results.find(({ name }) => name === view.params.result) ?? target ?? results[0]
  return (
    <div class="stack">
      <StructuredValues
        view={view}
        onPick={
          target === undefined ? undefined : (actual, predicted) => pick(target, actual, predicted)
        }
      />
      {current === undefined ? null : (
        <ResultRows key={current.name} view={view} result={current} results={results} />
      )}
    </div>
  )
}

/** Shows the rows of a cell of a confusion matrix. */
function pick(result: ResultRecord, actual: string, predicted: string): void {
  const known = knownColumns(result.columns ?? [])
  const only = JSON.stringify({
    [known.actual as string]: actual,
    [known.predicted as string]: predicted
  })
  changeParams({ result: result.name, only, rows: undefined })
  document.getElementById('result-rows')?.scrollIntoView({ block: 'start', behavior: 'smooth' })
}
