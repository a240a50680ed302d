import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { type Describable, fieldsOf } from './print.ts'
import { formatValue } from './values.ts'

/** Returns the values between which a person is to decide, by field. */
export function contestedOf(
  object: Pick<Describable, 'fields'>
): ReadonlyMap<string, readonly Json[]> {
  const { conflicts } = fieldsOf(object)
  const fields = isJsonObject(conflicts) ? Object.entries(conflicts as JsonObject) : []
  return new Map(
    fields.map(([field, values]) => [
      field,
      Array.isArray(values) ? values.map((value) => choiceOf(value, field)) : []
    ])
  )
}

/** Returns what stands for a value: of fields that belong together the one that is edited. */
function choiceOf(value: Json, field: string): Json {
  return (isJsonObject(value) ? value[field] : undefined) ?? value
}

/** Formats what is contested of an object, a line a field. */
export function formatConflicts(object: Pick<Describable, 'fields'>): string {
  return [...contestedOf(object)]
    .map(([field, values]) => `${field}: ${formatChoices(values)} (runtree status)`)
    .join('\n')
}

/** Formats the values between which is to be decided. */
export function formatChoices(values: readonly Json[]): string {
  return values.map(formatValue).join(' or ')
}

/** Returns the command that chooses a value. */
export function settleCommand(address: string, field: string, value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const quoted = /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
  return `runtree edit ${address} --set ${field}=${quoted}`
}
