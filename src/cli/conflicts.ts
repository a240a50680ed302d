import { isJsonObject, type Json } from '../base/json.ts'
import { type Describable, fieldsOf } from './print.ts'
import { printable } from './printable.ts'
import { shorten } from './table.ts'
import { formatValue } from './values.ts'

/** Returns the values between which a person is to decide, by field. */
export function contestedOf(
  object: Pick<Describable, 'fields'>
): ReadonlyMap<string, readonly Json[]> {
  const { conflicts } = fieldsOf(object)
  const fields = isJsonObject(conflicts) ? Object.entries(conflicts) : []
  return new Map(fields.map(([field, values]) => [field, Array.isArray(values) ? values : []]))
}

/** Formats what is contested of an object, a line a field. */
export function formatConflicts(object: Pick<Describable, 'fields'>): string {
  return [...contestedOf(object)]
    .map(([field, values]) => {
      const texts = values.map((value) => shorten(formatValue(choiceOf(value, field)), SHOWN))
      return `${printable(field)}: ${texts.join(' or ')} (runtree status)`
    })
    .join('\n')
}

const SHOWN = 100

/** What is longer is better typed by hand. */
const COMMAND_LENGTH = 400

/** Returns the command that chooses a value; what it would choose, if it is too long to be typed. */
export function settleCommand(address: string, field: string, value: Json): string {
  const members =
    field !== 'status' && isJsonObject(value) && field in value
      ? Object.entries(value)
      : [[field, choiceOf(value, field)] as const]
  const words = members.flatMap(([name, member]) => ['--set', `${name}=${quote(member)}`])
  const command = ['runtree edit', address, ...words].join(' ')
  return command.length <= COMMAND_LENGTH ? command : shorten(formatValue(value), SHOWN)
}

/** Returns what stands for a value: of an outcome its status. */
function choiceOf(value: Json, field: string): Json {
  return (isJsonObject(value) ? value[field] : undefined) ?? value
}

function quote(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
