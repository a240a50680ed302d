/** Formats milliseconds since 1970 as RFC 3339 in UTC with milliseconds, the form that is stored. */
export function formatTime(epochMs: number): string {
  if (epochMs !== lastMs) {
    lastText = new Date(epochMs).toISOString()
    lastMs = epochMs
  }
  return lastText
}

/** Many records are made within a millisecond. */
let lastMs = Number.NaN
let lastText = ''

/** Parses a stored time; `undefined` if it is none. */
export function parseTime(text: string): number | undefined {
  const epochMs = Date.parse(text)
  return Number.isNaN(epochMs) ? undefined : epochMs
}
