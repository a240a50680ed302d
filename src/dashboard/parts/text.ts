import type { CallProgress } from '../source/source.ts'

/**
 * Returns a number as people read it: about five significant digits. `aligned`: those behind the point are
 * kept though they are 0, so that a column of numbers is even. Default: false.
 */
export function formatNumber(
  value: number,
  { aligned = false }: { readonly aligned?: boolean } = {}
): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (value === 0) return '0'
  if (Number.isInteger(value) && size < 1e9) return withMinus(groupDigits(String(size)), value)
  if (size >= 1e7 || size < 1e-4) return withMinus(shorten(size.toExponential(3)), value)
  const digits = size >= 1000 ? 1 : size >= 100 ? 2 : size >= 10 ? 3 : 4
  const small = size < 0.01 ? Math.ceil(-Math.log10(size)) + 2 : digits
  const text = size.toFixed(small)
  return withMinus(aligned ? text : text.replace(/\.?0+$/, ''), value)
}

/** Returns how far values spread around their mean, as exactly as that is written. */
export function formatSpread(std: number, mean: number): string {
  const [, digits] = formatNumber(mean, { aligned: true }).split('.')
  if (!Number.isFinite(std) || digits === undefined || digits.includes('e')) {
    return formatNumber(Math.abs(std) < Math.abs(mean) * 1e-9 ? 0 : std)
  }
  return std.toFixed(digits.length)
}

function withMinus(text: string, value: number): string {
  return value < 0 ? `−${text}` : text
}

function groupDigits(text: string): string {
  return text.length < 5 ? text : text.replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

function shorten(text: string): string {
  return text.replace(/\.?0+e/, 'e').replace('e+', 'e')
}

/** Returns how many there are of something: `1 run`, `12 runs`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

/** Returns seconds as people say them: `0.4 s`, `3 m 20 s`, `2 h 5 m`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return ''
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60)
    return `${seconds < 10 ? formatNumber(Math.round(seconds * 10) / 10) : Math.round(seconds)} s`
  const whole = Math.round(seconds)
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor((whole % 86_400) / 3600)]
  const [minutes, rest] = [Math.floor((whole % 3600) / 60), whole % 60]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes} m` : `${minutes} m ${rest} s`
}

/** Returns a number of bytes: `812 B`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [size, unit] = [bytes, 0]
  while (size >= 1000 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1]
  return `${unit === 0 || size >= 100 ? Math.round(size) : Math.round(size * 10) / 10} ${units[unit]}`
}

/** Says how much of something has come from a remote: `Receiving… 120 of 4,000 objects, 1.4 MB`. */
export function formatArrival({ done, total, bytes = 0 }: CallProgress): string {
  const count =
    total === undefined ? '' : `${formatNumber(done)} of ${formatCount(total, 'object')}, `
  return `Receiving… ${count}${formatBytes(bytes)}`
}

const STEPS: readonly (readonly [number, number, string])[] = [
  [90, 1, 'second'],
  [90 * 60, 60, 'minute'],
  [36 * 3600, 3600, 'hour'],
  [45 * 86_400, 86_400, 'day'],
  [320 * 86_400, 30.44 * 86_400, 'month'],
  [Number.POSITIVE_INFINITY, 365.25 * 86_400, 'year']
]

/** Returns how long ago a moment was: `just now`, `5 minutes ago`. */
export function formatAgo(time: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(time)) / 1000
  if (Number.isNaN(seconds)) return time
  if (Math.abs(seconds) < 10) return 'just now'
  const step = STEPS.find(([below]) => Math.abs(seconds) < below)
  if (step === undefined) return time
  const count = Math.max(1, Math.round(Math.abs(seconds) / step[1]))
  const words = `${count} ${step[2]}${count === 1 ? '' : 's'}`
  return seconds < 0 ? `in ${words}` : `${words} ago`
}

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** Returns a moment in the person's own time zone. */
export function formatMoment(time: string): string {
  const at = Date.parse(time)
  return Number.isNaN(at) ? time : MOMENT.format(at)
}
