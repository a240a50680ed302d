import type { ComparedRun } from '../service/compare.ts'
import { abbreviatedLength } from './abbreviate.ts'
import type { Context } from './context.ts'
import { printable } from './printable.ts'
import { shorten } from './table.ts'

/** Returns a short name for each of several runs: the beginning of its id, with the commit it was read at. */
export function labelRuns(runs: readonly ComparedRun[]): readonly string[] {
  const length = abbreviatedLength(runs.map(({ id }) => id))
  const labels = runs.map(({ id, at }) => {
    const short = id.slice(0, length)
    return at === undefined ? short : `${short}@${at.slice(0, 12)}`
  })
  return labels.map((label, index) =>
    labels.indexOf(label) === index ? label : `${label} (${index + 1})`
  )
}

/** Formats the runs of a comparison, a line for each: its short name, its address, and what it is called. */
export function formatRunLines(
  { colors, out }: Pick<Context, 'colors' | 'out'>,
  runs: readonly ComparedRun[]
): string {
  const labels = labelRuns(runs)
  const width = Math.max(...labels.map((label) => label.length))
  return runs
    .map(({ address, name }, index) => {
      const label = colors.yellow((labels[index] as string).padEnd(width))
      const text = printable([address, name].filter((each) => each !== undefined).join('  '))
      return `${label}  ${shorten(text, Math.max(20, out.columns - width - 2))}\n`
    })
    .join('')
}
