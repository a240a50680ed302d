import type { Json } from '../../base/json.ts'
import { formatDuration, formatMoment } from '../parts/text.ts'
import { Value } from '../parts/value.tsx'
import type { ComparedField } from '../source/run-answers.ts'

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/
const DIGEST = /^sha256:([0-9a-f]{12})[0-9a-f]{52}$/
const COMMIT = /^[0-9a-f]{40}$/

/** Shows a value of a compared field as people read it. */
export function FieldValue({
  field,
  value
}: {
  readonly field: Pick<ComparedField, 'name' | 'group'>
  readonly value: Json | undefined
}) {
  const text = textOf(field, value)
  return text === undefined ? (
    <Value value={value} />
  ) : (
    <span class="value" title={typeof value === 'string' ? value : JSON.stringify(value)}>
      {text}
    </span>
  )
}

function textOf(
  { name, group }: Pick<ComparedField, 'name' | 'group'>,
  value: Json | undefined
): string | undefined {
  if (group === 'run' && name === 'duration' && typeof value === 'number') {
    return formatDuration(value)
  }
  if (group === 'datasets' && JSON.stringify(value) === '{}') return 'used'
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) {
    return value.join(' ')
  }
  if (typeof value !== 'string') return undefined
  if (MOMENT.test(value)) return formatMoment(value)
  const digest = DIGEST.exec(value)?.[1]
  if (digest !== undefined) return `sha256:${digest}…`
  return COMMIT.test(value) ? value.slice(0, 12) : undefined
}
