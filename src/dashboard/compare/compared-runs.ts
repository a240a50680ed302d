import { changeParams } from '../navigation.ts'

/** So many runs are set beside each other at most; their colours would be the same otherwise. */
export const MAX_COMPARED = 8

/** Returns the addresses that the page's address names. */
export function readRuns(text: string | undefined): readonly string[] {
  const runs = (text ?? '').split(',').filter((run) => run !== '')
  return [...new Set(runs)].slice(0, MAX_COMPARED)
}

/** Compares other runs. */
export function showRuns(runs: readonly string[]): void {
  changeParams({ runs: runs.join(',') || undefined, base: undefined, other: undefined })
}
