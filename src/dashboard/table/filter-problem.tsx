import type { JSX } from 'preact'
import type { UnknownField } from '../../service/query.ts'
import { failureOf } from '../parts/failure.ts'

/** Shows where a filter is wrong: the message, and a caret below the place. */
export function FilterProblem(props: {
  readonly error: unknown
  readonly id: string
}): JSX.Element {
  const { message } = failureOf(props.error)
  const [first = '', ...lines] = message.split('\n')
  const picture = lines.filter((line) => line.startsWith('  '))
  const others = lines.filter((line) => !line.startsWith('  '))
  return (
    <div class="filter-problem" id={props.id} role="alert">
      <p>{first}</p>
      {picture.length === 0 ? null : <pre>{picture.map((line) => line.slice(2)).join('\n')}</pre>}
      {others.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  )
}

/** Tells of fields that no run has; most likely they were misspelt. */
export function UnknownFields(props: {
  readonly unknown: readonly UnknownField[]
  readonly onReplace: (field: string, suggestion: string) => void
}): JSX.Element | null {
  if (props.unknown.length === 0) return null
  return (
    <div class="filter-problem warn" role="status">
      {props.unknown.map(({ field, suggestion }) => (
        <p key={field}>
          No run has <code>{field}</code>.{' '}
          {suggestion === undefined ? null : (
            <>
              Did you mean{' '}
              <button
                type="button"
                class="as-link"
                onClick={() => props.onReplace(field, suggestion)}
              >
                {suggestion}
              </button>
              ?
            </>
          )}
        </p>
      ))}
    </div>
  )
}
