import { useState } from 'preact/hooks'
import { isJsonObject, type Json } from '../../base/json.ts'
import { Button } from '../parts/button.tsx'
import { EditText } from '../parts/edit-text.tsx'
import { flatten } from '../parts/flatten.ts'
import { Link } from '../parts/link.tsx'
import { showFailure } from '../parts/toast.tsx'
import { textOfValue } from '../parts/value.tsx'
import type { RouteInput } from '../route.ts'
import type { ConflictEntry } from '../source/run-answers.ts'

/** A field that two people set to different values, and the choice between them. */
export function ConflictCard(props: {
  readonly entry: ConflictEntry
  readonly isWritable: boolean
  readonly onSettle: (value: Json) => Promise<void>
}) {
  const { entry, isWritable, onSettle } = props
  const { address, fieldPath, values, current } = entry
  const [isBusy, setBusy] = useState(false)
  const settle = async (value: Json): Promise<void> => {
    setBusy(true)
    await onSettle(value).catch((error: unknown) => {
      setBusy(false)
      throw error
    })
  }
  const isText = values.every((value) => typeof value === 'string')
  return (
    <li class="conflict">
      <h3>
        <Link to={routeOf(address)}>{address}</Link>
        <span class="muted">: {fieldPath}</span>
      </h3>
      <ul class="conflict-values">
        {values.map((value, i) => {
          const isCurrent = textOf(choiceOf(value, fieldPath)) === textOf(current)
          return (
            <li key={i}>
              <pre>{textOf(value)}</pre>
              <span class="conflict-choice">
                {isCurrent ? <span class="small muted">shown now</span> : null}
                {isWritable ? (
                  <Button
                    label={isCurrent ? 'Keep this one' : 'Take this one'}
                    size="small"
                    disabled={isBusy}
                    onClick={() => void settle(value).catch(showFailure)}
                  />
                ) : null}
              </span>
            </li>
          )
        })}
      </ul>
      {isWritable && isText ? (
        <EditText
          label="Another value"
          value={values.join('\n')}
          isLong
          isEditable
          onSave={(text) => settle(text)}
        >
          <span class="small muted">or write another</span>
        </EditText>
      ) : null}
    </li>
  )
}

/** Returns what a value would show: of fields that belong together, the one that is contested. */
function choiceOf(value: Json, fieldPath: string): Json {
  return (isJsonObject(value) ? value[fieldPath] : undefined) ?? value
}

function textOf(value: Json): string {
  if (!isJsonObject(value)) return textOfValue(value)
  return flatten(value)
    .map(([name, member]) => `${name}: ${textOfValue(member)}`)
    .join('\n')
}

function routeOf(address: string): RouteInput {
  const parts = address.split('/')
  if (parts.length >= 3 && parts[1] !== 'datasets' && parts[1] !== 'views') {
    return { page: 'run', address: parts.slice(0, 3).join('/') }
  }
  return parts.length === 2
    ? { page: 'runs', address }
    : { page: 'project', address: parts[0] ?? '' }
}
