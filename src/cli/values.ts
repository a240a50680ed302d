import type { Json, JsonObject } from '../base/json.ts'
import { isJsonObject } from '../base/json.ts'
import { printable } from './printable.ts'

/** Formats a metric for reading: five significant digits. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value)
  const size = Math.abs(value)
  if (size >= 1e5 && size < 1e15) return value.toFixed(0)
  if (size < 1e-4 || size >= 1e15) {
    return value
      .toExponential(3)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  }
  return value.toPrecision(5).replace(/\.?0+$/, '')
}

/** Formats a value of a parameter or field on one line. */
export function formatValue(value: Json | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return printable(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : formatNumber(value)
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([k, v]) => `${printable(k)}: ${formatValue(v)}`)
    return `{${members.join(', ')}}`
  }
  return String(value)
}

/** Formats a length of time in at most two units: `320ms`, `3.2s`, `1m20s`, `2h05m`, `3d4h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return '0s'
  if (ms < 1000) return `${Math.round(ms)}ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`
  const hours = Math.floor(minutes / 60)
  return `${Math.floor(hours / 24)}d${hours % 24}h`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

/** Formats a moment by how long ago it was; after a month, as its date. */
export function formatAge(time: string | undefined, now: number): string {
  const at = time === undefined ? Number.NaN : Date.parse(time)
  if (Number.isNaN(at)) return ''
  const seconds = Math.max(0, Math.round((now - at) / 1000))
  if (seconds < 5) return 'now'
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`
  if (seconds < 30 * 86_400) return `${Math.floor(seconds / 86_400)}d ago`
  return new Date(at).toISOString().slice(0, 10)
}

/** Formats a stored time as `2026-11-23 07:20:05 UTC`. */
export function formatMoment(time: string): string {
  const at = Date.parse(time)
  if (Number.isNaN(at)) return printable(time)
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Formats a number of bytes in decimal units. */
export function formatSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000
    unit++
  }
  const text = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1).replace('.0', '')
  return `${text} ${SIZES[unit]}`
}

/** Formats a count with its noun: `1 run`, `3 runs`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}

/** Turns nested maps into one, with dots between the names: `model.depth`. */
export function flatten(value: JsonObject | undefined, prefix = ''): Map<string, Json> {
  const flat = new Map<string, Json>()
  for (const [name, member] of Object.entries(value ?? {})) {
    if (member === undefined) continue
    const path = prefix + name
    if (isJsonObject(member) && Object.keys(member).length > 0) {
      for (const [inner, item] of flatten(member, `${path}.`)) flat.set(inner, item)
    } else flat.set(path, member)
  }
  return flat
}

/** Reads a value that was typed: a number, `true`, `false`, `null`, JSON, or else text. */
export function parseTyped(text: string): Json {
  if (/^(NaN|-?Infinity)$/.test(text)) return Number(text)
  if (!/^(-?\d|\[|\{|"|true$|false$|null$)/.test(text)) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    const number = Number(text)
    return text.trim() === '' || Number.isNaN(number) || /^-?0[xob]/i.test(text) ? text : number
  }
}

/** Puts a value into nested maps under a dotted path: `{ model: { depth: 3 } }`. */
export function nest(path: string, value: Json | undefined): JsonObject {
  const names = path.split('.')
  return names.reduceRight<Json | undefined>(
    (inner, name) => ({ [name]: inner }),
    value
  ) as JsonObject
}

/** Joins nested maps; of two values under one name the second counts. */
export function mergeDeep(a: JsonObject, b: JsonObject): JsonObject {
  const merged = new Map(Object.entries(a))
  for (const [name, value] of Object.entries(b)) {
    const before = merged.get(name)
    const both = isJsonObject(before) && isJsonObject(value)
    merged.set(name, both ? mergeDeep(before, value) : value)
  }
  return Object.fromEntries(merged)
}
