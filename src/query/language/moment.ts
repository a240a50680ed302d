import type { FilterValue } from './filter.ts'

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1]
]

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[wdhms]))+$/
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|[wdhms])/g

/** Parses `90s`, `1.5h` or `1h30m`; `undefined` if it is no duration. */
export function parseDurationMs(text: string): number | undefined {
  if (!DURATION.test(text) || text.length > 100) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(DURATION_PART)) {
    total += Number(count) * (UNITS.find(([name]) => name === unit)?.[1] as number)
  }
  return Math.round(total)
}

/** Formats whole milliseconds in the greatest unit of which they are a multiple. */
export function formatDurationMs(durationMs: number): string {
  const [unit, ms] =
    UNITS.find(([, size]) => durationMs % size === 0 && durationMs !== 0) ?? (['ms', 1] as const)
  return `${durationMs / ms}${unit}`
}

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/

/** Tells whether text is a date, or a date and time; without a zone it is UTC. */
export function isTimeText(text: string): boolean {
  return TIME.test(text) && !Number.isNaN(parseMoment(text))
}

function parseMoment(text: string): number {
  const day = text.slice(0, 10)
  const isReal = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(isReal.getTime()) || isReal.toISOString().slice(0, 10) !== day) return Number.NaN
  if (text.length === 10) return isReal.getTime()
  return Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
}

/** A stretch of time: from its start up to, and without, its end; a moment lasts one millisecond. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** Returns the stretch of time that a value means; `undefined` if it means none. */
export function spanOf(value: FilterValue, nowMs: number): Span | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('now' in value) return { startMs: nowMs + value.now, endMs: nowMs + value.now + 1 }
  if (!('time' in value)) return undefined
  const startMs = parseMoment(value.time)
  const { length } = value.time.replace(/(?:Z|[+-]\d\d:\d\d)$/, '')
  const isDay = length === 10
  const lengthMs = isDay ? 86_400_000 : length === 16 ? 60_000 : length === 19 ? 1000 : 1
  return { startMs, endMs: startMs + lengthMs }
}
