import type { JSX } from 'preact'
import type { Json } from '../../base/json.ts'
import { Ago, StatusBadge, Tags } from '../parts/labels.tsx'
import { formatDuration, formatNumber } from '../parts/text.ts'
import type { Column } from './columns.ts'

/** So many characters of a value are put on the page. */
const MAX_TEXT = 300

/** A value as its column shows it. */
export function CellValue(props: {
  readonly value: Json | undefined
  readonly column: Pick<Column, 'kind'>
}): JSX.Element | null {
  const { value } = props
  if (value === null || value === undefined) return null
  const { kind } = props.column
  if (kind === 'time' && typeof value === 'string') return <Ago time={value} />
  if (kind === 'status' && typeof value === 'string') return <StatusBadge status={value} />
  if (kind === 'tags' && Array.isArray(value)) return <Tags tags={value.map(String)} />
  if (kind === 'metric' && typeof value === 'number') {
    return <span title={String(value)}>{formatNumber(value, { aligned: true })}</span>
  }
  if (kind === 'duration' && typeof value === 'number') return <>{formatDuration(value)}</>
  const text = textOf(value)
  return (
    <span title={text.length > 12 || typeof value === 'number' ? hintOf(value) : undefined}>
      {text}
    </span>
  )
}

/** Returns a value as one line of text. */
export function textOf(value: Json): string {
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'string') return cut(value.replace(/\s+/g, ' '))
  return cut(JSON.stringify(value))
}

function hintOf(value: Json): string {
  return typeof value === 'string'
    ? cut(value)
    : String(value === Object(value) ? cut(JSON.stringify(value)) : value)
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
