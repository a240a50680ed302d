import type { JSX } from 'preact'
import type { Json } from '../../base/json.ts'
import { Ago, StatusBadge, Tags } from '../parts/labels.tsx'
import { formatDuration, formatNumber } from '../parts/text.ts'
import type { Column } from './columns.ts'

/** So many characters of a value are put on the page. */
const MAX_TEXT = 300

/** What stands in a cell, and the whole value where that is only part of it. */
export interface CellContent {
  readonly content: JSX.Element | string | null
  readonly hint: string | undefined
}

/** Returns a value as its column shows it. */
export function cellOf(value: Json | undefined, kind: Column['kind']): CellContent {
  if (value === null || value === undefined) return NOTHING
  if (typeof value === 'number') {
    return { content: numberOf(value, kind), hint: kind === 'duration' ? undefined : String(value) }
  }
  if (kind === 'time' && typeof value === 'string') return plain(<Ago time={value} />)
  if (kind === 'status' && typeof value === 'string') return plain(<StatusBadge status={value} />)
  if (kind === 'tags' && Array.isArray(value)) return plain(<Tags tags={value.map(String)} />)
  const content = textOf(value)
  return { content, hint: content.length > 12 ? hintOf(value) : undefined }
}

const NOTHING: CellContent = { content: null, hint: undefined }

function plain(content: JSX.Element): CellContent {
  return { content, hint: undefined }
}

function numberOf(value: number, kind: Column['kind']): string {
  return kind === 'duration'
    ? formatDuration(value)
    : formatNumber(value, { aligned: kind === 'metric' })
}

/** Returns a value as one line of text. */
export function textOf(value: Json): string {
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'string') return cut(value.replace(/\s+/g, ' '))
  return cut(JSON.stringify(value))
}

function hintOf(value: Json): string {
  return cut(typeof value === 'string' ? value : JSON.stringify(value))
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
