import type { Json } from '../base/json.ts'
import type { ComparedField, ComparedSection } from '../service/compare.ts'
import { formatDuration, formatMoment, formatNumber, formatSize, formatValue } from './values.ts'

/** Formats a value of a field for people; `–` if the run has none. */
export function formatFieldValue(
  section: ComparedSection,
  field: ComparedField,
  index: number
): string {
  if (section.present[index] === false) return '?'
  const value = field.values[index]
  if (value === undefined) return '–'
  if (field.texts !== undefined && typeof value === 'string') return formatLong(value)
  return FORMATS[field.path.join('.')]?.(value) ?? formatIn(section, value)
}

function formatIn({ name }: ComparedSection, value: Json): string {
  if (name === 'metrics' && typeof value === 'number') return formatNumber(value)
  if (name === 'code' && typeof value === 'string') return shortOid(value)
  if (typeof value === 'string') return shortDigest(value)
  return formatValue(value)
}

const FORMATS: { readonly [path: string]: (value: Json) => string | undefined } = {
  started: (value) => (typeof value === 'string' ? formatMoment(value) : undefined),
  duration: (value) => (typeof value === 'number' ? formatDuration(value * 1000) : undefined),
  tags: (value) => (Array.isArray(value) ? value.join(', ') : undefined),
  'entry.command': (value) => (Array.isArray(value) ? value.join(' ') : undefined),
  'environment.memoryBytes': (value) => (typeof value === 'number' ? formatSize(value) : undefined),
  'environment.gpus': (value) => (Array.isArray(value) ? value.map(nameOf).join(', ') : undefined)
}

function nameOf(gpu: Json): string {
  return formatValue(typeof gpu === 'object' && gpu !== null && 'name' in gpu ? gpu.name : gpu)
}

function formatLong(text: string): string {
  const lines = text.trimEnd().split('\n').length
  return lines > 1 ? `(${lines} lines)` : `(${text.length} characters)`
}

function shortOid(text: string): string {
  return /^[0-9a-f]{40,64}$/.test(text) ? text.slice(0, 8) : text
}

function shortDigest(text: string): string {
  return text.replace(/^(sha\d+:)?([0-9a-f]{12})[0-9a-f]{28,}$/, '$1$2…')
}
