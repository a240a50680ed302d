/** The fewest characters of an id that are shown. */
const MIN_SHOWN = 6

/**
 * Returns how many characters tell the ids apart, with one to spare for ids that come later; at least 6.
 */
export function abbreviatedLength(ids: Iterable<string>): number {
  const sorted = [...new Set(ids)].sort()
  let shared = 0
  for (let index = 1; index < sorted.length; index++) {
    shared = Math.max(shared, sharedPrefix(sorted[index - 1] as string, sorted[index] as string))
  }
  return Math.max(MIN_SHOWN, shared + 2)
}

function sharedPrefix(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
