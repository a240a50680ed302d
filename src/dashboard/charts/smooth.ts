/**
 * Smooths values by an exponential mean that starts without a bias; gaps stay and count for nothing.
 *
 * @param weight How much of the mean stays with each value: 0 (none) to below 1.
 */
export function smooth(values: ArrayLike<number>, weight: number): ArrayLike<number> {
  if (weight <= 0) return values
  const smoothed = new Float64Array(values.length)
  let [mean, counted] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) {
      smoothed[i] = Number.NaN
      continue
    }
    mean = weight * mean + (1 - weight) * value
    counted = weight * counted + (1 - weight)
    smoothed[i] = mean / counted
  }
  return smoothed
}
