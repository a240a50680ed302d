import { useState } from 'preact/hooks'
import { accuracyOf, type Confusion, classScores, mistakesOf } from './confusion.ts'
import { formatPoint } from './ticks.ts'

const LEVELS = 9
/** From so many classes on cells are small. */
const DENSE = 14
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

/** Shows which classes are taken for which; arrow keys move through the cells. */
export function ConfusionMatrix({
  confusion,
  title,
  onPick
}: {
  readonly confusion: Confusion
  readonly title: string
  /** Told of a cell that is chosen. Default: cells can't be chosen. */
  readonly onPick?: ((actual: string, predicted: string) => void) | undefined
}) {
  const [isShare, setShare] = useState(false)
  const [at, setAt] = useState<readonly [number, number]>([0, 0])
  const { labels, matrix } = confusion
  const mistakes = mistakesOf(confusion)
  const most = Math.max(...mistakes.map(({ share }) => share))
  const detail = describeCell(confusion, at)
  return (
    <div class="confusion">
      <div class="confusion-head">
        <p>
          <strong>{percent.format(accuracyOf(confusion))}</strong> right. {worst(mistakes)}
        </p>
        <label class="check">
          <input
            type="checkbox"
            class="checkbox"
            checked={isShare}
            onChange={() => setShare(!isShare)}
          />
          Share of each class
        </label>
      </div>
      <div class="confusion-body">
        <div class="scroll-x">
          <table
            class={`confusion-table${labels.length > DENSE ? ' dense' : ''}`}
            onKeyDown={(event) => move(event, at, labels.length, setAt)}
          >
            <caption class="visually-hidden">
              {title}: a row for each actual class, a column for each predicted one
            </caption>
            <thead>
              <tr>
                <td class="confusion-corner">actual ↓ predicted →</td>
                {labels.map((label, j) => (
                  <th key={j} scope="col" title={label}>
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {matrix.map((row, i) => {
                const support = row.reduce((sum, count) => sum + count, 0)
                return (
                  <tr key={i}>
                    <th scope="row" title={labels[i]}>
                      {labels[i]}
                    </th>
                    {row.map((count, j) => (
                      <td key={j} class={cellClass(count, support, i === j, most)}>
                        <button
                          type="button"
                          data-cell={`${i},${j}`}
                          tabindex={i === at[0] && j === at[1] ? 0 : -1}
                          aria-label={describeCell(confusion, [i, j])}
                          onFocus={() => setAt([i, j])}
                          onMouseEnter={() => setAt([i, j])}
                          onClick={() => onPick?.(labels[i] as string, labels[j] as string)}
                        >
                          {isShare ? percentOf(count, support) : formatPoint(count)}
                        </button>
                      </td>
                    ))}
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
        <ClassTable confusion={confusion} />
      </div>
      <p class="confusion-detail small muted" aria-hidden="true">
        {detail}
        {onPick === undefined ? '' : ' Choose a cell to see its rows.'}
      </p>
    </div>
  )
}

function ClassTable({ confusion }: { readonly confusion: Confusion }) {
  return (
    <div class="scroll-x" tabindex={0} role="group" aria-label="Scores of the classes">
      <table class="plain-table">
        <caption class="visually-hidden">How well each class is told</caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            {['Cases', 'Precision', 'Recall', 'F1'].map((head) => (
              <th key={head} scope="col" class={`right${head === 'Cases' ? ' minor' : ''}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classScores(confusion).map(({ label, support, precision, recall, f1 }, i) => (
            <tr key={i}>
              <th scope="row">{label}</th>
              <td class="right minor">{formatPoint(support)}</td>
              {[precision, recall, f1].map((score, j) => (
                <td key={j} class="right">
                  {Number.isNaN(score) ? '–' : percent.format(score)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function worst(mistakes: ReturnType<typeof mistakesOf>): string {
  const [first] = mistakes
  if (first === undefined) return 'No mistakes.'
  const { actual, predicted, count, share } = first
  const times = count === 1 ? 'once' : `${formatPoint(count)} times`
  return `Most often ${actual} is taken for ${predicted}: ${times}, ${percent.format(share)} of the class.`
}

function describeCell({ labels, matrix }: Confusion, [i, j]: readonly [number, number]): string {
  const row = matrix[i] ?? []
  const support = row.reduce((sum, count) => sum + count, 0)
  const count = row[j] ?? 0
  const what = i === j ? `${labels[i]}, told right` : `${labels[i]}, taken for ${labels[j]}`
  return `${what}: ${formatPoint(count)} of ${formatPoint(support)} (${percentOf(count, support)}).`
}

function percentOf(count: number, support: number): string {
  return support === 0 ? '–' : percent.format(count / support)
}

function cellClass(count: number, support: number, isRight: boolean, most: number): string {
  // Mistakes are few: the worst one is as strong as a class that is always told right.
  const share = isRight ? count / support : count / support / most
  const level = support > 0 && count > 0 ? Math.ceil(share * LEVELS) : 0
  return `matrix-cell ${isRight ? 'right-cell' : 'wrong-cell'} level-${Math.min(Math.max(level, 0), LEVELS)}`
}

function move(
  event: KeyboardEvent & { currentTarget: HTMLElement },
  [i, j]: readonly [number, number],
  size: number,
  setAt: (at: readonly [number, number]) => void
): void {
  const by: { readonly [key: string]: readonly [number, number] } = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1]
  }
  const step = by[event.key]
  if (step === undefined) return
  event.preventDefault()
  const bound = (value: number): number => Math.min(Math.max(value, 0), size - 1)
  const next = [bound(i + step[0]), bound(j + step[1])] as const
  setAt(next)
  event.currentTarget.querySelector<HTMLElement>(`[data-cell="${next[0]},${next[1]}"]`)?.focus()
}
