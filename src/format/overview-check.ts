import type { SeriesColumns } from './series-column.ts'
import { nameOf, OVERVIEW_POINTS, type OverviewColumns } from './series-overview.ts'

/** Tells whether an overview has nothing but what is in series, and what it must have of them. */
export function isOverviewOf(
  overview: readonly OverviewColumns[],
  series: readonly SeriesColumns[]
): boolean {
  const found = new Map(series.map((column) => [nameOf(column.metric, column.split), column]))
  return (
    overview.length === found.size &&
    overview.every((column) => {
      const whole = found.get(nameOf(column.metric, column.split))
      return whole !== undefined && column.count === whole.steps.length && isPartOf(column, whole)
    })
  )
}

/** Tells whether points are some of a series: all of a short one, else with its ends and extremes. */
function isPartOf(some: SeriesColumns, whole: SeriesColumns): boolean {
  const { length } = whole.steps
  if (length <= OVERVIEW_POINTS && some.steps.length !== length) return false
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let left = 0
  for (let at = 0; at < length; at++) {
    const value = whole.values[at] as number
    if (whole.steps[at] === some.steps[left]) {
      const isSame = Object.is(value, some.values[left]) && whole.times[at] === some.times[left]
      if (!isSame) return false
      left++
    } else if (at === 0 || at === length - 1) return false
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  if (left !== some.steps.length) return false
  return least > greatest || (some.values.includes(least) && some.values.includes(greatest))
}
