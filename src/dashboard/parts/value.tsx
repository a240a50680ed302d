import type { Json } from '../../base/json.ts'
import { formatNumber } from './text.ts'

/** Returns a value as text. */
export function textOfValue(value: Json | undefined): string {
  if (value === undefined || value === null) return '–'
  if (typeof value === 'number') return formatNumber(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Shows a value of a record, anybody's. */
export function Value({ value }: { readonly value: Json | undefined }) {
  const text = textOfValue(value)
  const kind =
    typeof value === 'string' || value === undefined || value === null ? 'text' : 'numeric'
  const isLong = text.length > 60
  return (
    <span
      class={`value ${kind}${text === '–' ? ' muted' : ''}`}
      title={isLong || typeof value === 'number' ? fullText(value) : undefined}
    >
      {text}
    </span>
  )
}

function fullText(value: Json | undefined): string {
  return typeof value === 'string'
    ? value.slice(0, 2000)
    : (JSON.stringify(value) ?? '').slice(0, 2000)
}
