import type { LivePoint, SeriesData } from '../source/run-answers.ts'

/** Adds points of a run in progress to its series; those that are there already are left out. */
export function withPoints(
  series: readonly SeriesData[],
  run: string,
  points: readonly LivePoint[]
): readonly SeriesData[] {
  if (points.length === 0) return series
  const added = new Map<string, LivePoint[]>()
  for (const point of points) {
    const key = keyOf(point)
    const list = added.get(key)
    if (list === undefined) added.set(key, [point])
    else list.push(point)
  }
  const grown = series.map((data) => {
    const more = data.run === run ? added.get(keyOf(data)) : undefined
    if (more === undefined) return data
    added.delete(keyOf(data))
    return append(data, more)
  })
  const begun = [...added.values()].map((more) => {
    const { metric, split } = more[0] as LivePoint
    const empty = new Float64Array(0)
    const start = {
      run,
      metric,
      steps: empty,
      times: empty,
      values: empty,
      total: 0,
      isThinned: false
    }
    return append(split === undefined ? start : { ...start, split }, more)
  })
  return [...grown, ...begun]
}

function keyOf({ metric, split }: { readonly metric: string; readonly split?: string }): string {
  return JSON.stringify([metric, split])
}

function append(data: SeriesData, points: readonly LivePoint[]): SeriesData {
  const [lastStep, lastTime] = [
    data.steps.at(-1) ?? Number.NEGATIVE_INFINITY,
    data.times.at(-1) ?? 0
  ]
  const fresh = points.filter(
    ({ step, time }) => step > lastStep || (step === lastStep && time > lastTime)
  )
  if (fresh.length === 0) return data
  return {
    ...data,
    steps: joined(
      data.steps,
      fresh.map(({ step }) => step)
    ),
    times: joined(
      data.times,
      fresh.map(({ time }) => time)
    ),
    values: joined(
      data.values,
      fresh.map(({ value }) => value)
    ),
    total: data.total + fresh.length
  }
}

function joined(before: Float64Array, after: readonly number[]): Float64Array {
  const all = new Float64Array(before.length + after.length)
  all.set(before)
  all.set(after, before.length)
  return all
}
