import type { FieldPath, Filter } from './filter.ts'
import { isPlainName } from './scanner.ts'
import { formatValue } from './value-text.ts'

/** Formats a filter in the form that `parseFilter` reads. */
export function formatFilter(filter: Filter): string {
  switch (filter.op) {
    case 'or':
    case 'and':
      return filter.filters.map((part) => formatPart(part, filter.op)).join(` ${filter.op} `)
    case 'not':
      return `not ${formatPart(filter.filter, 'not')}`
    case 'exists':
      return `exists(${formatField(filter.field)})`
    case 'in':
      return `${formatField(filter.field)} in [${filter.values.map(formatValue).join(', ')}]`
    case '~':
      return `${formatField(filter.field)} ~ ${JSON.stringify(filter.pattern)}`
    default:
      return `${formatField(filter.field)} ${filter.op} ${formatValue(filter.value)}`
  }
}

/** Formats a part of a filter, in parentheses where it binds less tightly than what is around it. */
function formatPart(part: Filter, around: 'and' | 'or' | 'not'): string {
  const isLoose = part.op === 'or' || (part.op === 'and' && around !== 'or')
  return isLoose ? `(${formatFilter(part)})` : formatFilter(part)
}

/** Formats a field: `metrics."a b".last`. */
export function formatField(field: FieldPath): string {
  return field
    .map((name, index) => (isPlainName(name, index === 0) ? name : JSON.stringify(name)))
    .join('.')
}
