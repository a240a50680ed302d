import type { JsonObject } from '../base/json.ts'
import type { StoredObject } from '../service/objects.ts'
import { usageError } from './errors.ts'
import { mergeDeep, nest, parseTyped } from './values.ts'

/** Fields that are text, whatever is typed: `version=1` is the version “1”. */
export const TEXT_FIELDS = [
  'name',
  'description',
  'notes',
  'version',
  'type',
  'digest',
  'license',
  'originalSource',
  'key',
  'component',
  'predecessor',
  'split',
  'dataset',
  'parent'
]

/**
 * Parses assignments such as `lr=0.1` or `model.depth=3` into nested maps; the values of the names in
 * `isText` stay text.
 *
 * @throws CLI_USAGE
 */
export function parseAssignments(
  assignments: readonly string[],
  isText: readonly string[] = []
): JsonObject {
  return assignments.reduce<JsonObject>((fields, assignment) => {
    const at = assignment.indexOf('=')
    if (at < 1) throw usageError(`${assignment} is not of the form name=value.`)
    const [name, text] = [assignment.slice(0, at), assignment.slice(at + 1)]
    return mergeDeep(fields, nest(name, isText.includes(name) ? text : parseTyped(text)))
  }, {})
}

/** Orders runs by their start, the latest first. */
export function newestFirst(runs: readonly StoredObject<'run'>[]): StoredObject<'run'>[] {
  const time = (run: StoredObject<'run'>): string => run.fields.started ?? run.fields.created
  return [...runs].sort((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : 0))
}
