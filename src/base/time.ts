/** Formats milliseconds since 1970 as RFC 3339 in UTC with milliseconds, the form that is stored. */
export function formatTime(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

/** Parses a stored time; `undefined` if it is none. */
export function parseTime(text: string): number | undefined {
  const epochMs = Date.parse(text)
  return Number.isNaN(epochMs) ? undefined : epochMs
}
