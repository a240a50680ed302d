import type { SeriesArrays } from './series-column.ts'

/**
 * Thins points out: the axis is divided into equal parts, and of each the least and the greatest value
 * stay, so that no peak is lost, besides the first and the last point and one NaN a part.
 */
export function thinSeries(
  points: SeriesArrays,
  maxPoints: number,
  axis: 'step' | 'time'
): SeriesArrays {
  const { steps, values } = points
  const count = steps.length
  if (count <= Math.max(4, maxPoints)) return points
  const places = axis === 'step' ? steps : points.times
  const first = places[0] as number
  const span = (places[count - 1] as number) - first
  const parts = Math.max(1, Math.floor((Math.max(4, maxPoints) - 2) / 3))
  // Without a span, points are divided by their number.
  const scale = span > 0 ? parts / span : parts / count
  const kept: number[] = [0]
  let part = -1
  for (let index = 0; index < count; ) {
    const away = span > 0 ? (places[index] as number) - first : index
    part = Math.min(parts - 1, Math.max(part + 1, Math.floor(away * scale)))
    const end = part === parts - 1 ? Number.POSITIVE_INFINITY : (part + 1) / scale
    let least = -1
    let greatest = -1
    let missing = -1
    do {
      const value = values[index] as number
      if (Number.isNaN(value)) missing = index
      else {
        if (least < 0 || value < (values[least] as number)) least = index
        if (greatest < 0 || value > (values[greatest] as number)) greatest = index
      }
      index++
    } while (index < count && (span > 0 ? (places[index] as number) - first : index) < end)
    for (const found of [least, greatest, missing]) if (found >= 0) kept.push(found)
  }
  kept.push(count - 1)
  const inOrder = Uint32Array.from(kept).sort()
  return pick(
    points,
    inOrder.filter((index, at) => index !== inOrder[at - 1])
  )
}

function pick({ steps, times, values }: SeriesArrays, indices: Uint32Array): SeriesArrays {
  const of = (numbers: Float64Array): Float64Array =>
    Float64Array.from(indices, (index) => numbers[index] as number)
  return { steps: of(steps), times: of(times), values: of(values) }
}
