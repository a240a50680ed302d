import type { ComparedRun } from '../service/compare.ts'
import { abbreviatedLength } from './abbreviate.ts'

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
