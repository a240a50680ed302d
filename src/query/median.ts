/** Returns the median of numbers without NaN, at least one, and leaves them in another order. */
export function medianOf(numbers: Float64Array): number {
  const { length } = numbers
  const middle = length >> 1
  const upper = select(numbers, middle)
  if (length % 2 === 1) return upper
  // Those before are not greater.
  let lower = numbers[0] as number
  for (let at = 1; at < middle; at++) {
    const number = numbers[at] as number
    if (number > lower) lower = number
  }
  return (lower + upper) / 2
}

/** Brings the number that would be at a place in order there; before it are none that are greater. */
function select(numbers: Float64Array, place: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const pivot = pivotOf(numbers, low, high)
    let [left, right] = [low, high]
    while (left <= right) {
      while ((numbers[left] as number) < pivot) left++
      while ((numbers[right] as number) > pivot) right--
      if (left > right) break
      const kept = numbers[left] as number
      numbers[left++] = numbers[right] as number
      numbers[right--] = kept
    }
    if (place <= right) high = right
    else if (place >= left) low = left
    else break
  }
  return numbers[place] as number
}

/** Returns the number in the middle of the first, the middle and the last one. */
function pivotOf(numbers: Float64Array, low: number, high: number): number {
  const first = numbers[low] as number
  const middle = numbers[(low + high) >>> 1] as number
  const last = numbers[high] as number
  return Math.max(Math.min(first, middle), Math.min(Math.max(first, middle), last))
}
