import { formatNumber } from '../parts/text.ts'

const TICK = new Intl.NumberFormat('en', {
  maximumSignificantDigits: 6,
  useGrouping: false
})
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 })

/** Formats a value of a chart. */
export function formatPoint(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : formatNumber(value)
}

/** Formats a number at an axis; an axis leaves some out. */
export function formatTick(value: number | null): string {
  if (value === null) return ''
  const size = Math.abs(value)
  if (size !== 0 && size < 1e-4) return value.toExponential().replace('e+', 'e')
  return size >= 10_000 ? COMPACT.format(value) : TICK.format(value)
}

/** Formats seconds since the start of a run, such as `8 s`, `1:05` or `2 h 10`. */
export function formatElapsed(seconds: number | null): string {
  if (seconds === null) return ''
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`
}
