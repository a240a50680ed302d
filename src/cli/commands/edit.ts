import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Service } from '../../service/service.ts'
import { defineCommand, required, text, texts } from '../command.ts'
import { cliErrors, usageError } from '../errors.ts'
import { findObject, isServed, type ServedKind, serviceOf } from '../find.ts'
import { parseAssignments, TEXT_FIELDS } from '../listing.ts'
import { fieldsOf, flatObject, note, printJson } from '../print.ts'
import { mergeDeep, nest } from '../values.ts'

/** `runtree edit`. */
export const edit = defineCommand({
  description:
    'Changes fields of an object; the others, and everything below it, stay as they are. Of maps ' +
    'such as params only the members that are named change.',
  arguments: { address: required('what to change') },
  options: {
    name: text('--name <name>', 'its name; the address stays'),
    note: text('--note <text>', 'its notes'),
    tag: texts('-t, --tag <tag>', 'add a tag; may be repeated'),
    untag: texts('--untag <tag>', 'take a tag away; may be repeated'),
    set: texts('-s, --set <field=value>', 'set a field; may be repeated'),
    unset: texts('--unset <field>', 'remove a field; may be repeated')
  },
  examples: [
    ['edit k3f9 --tag baseline --note "the first that works"', 'a run'],
    ['edit train -s metrics.accuracy.goal=maximize', 'what is good in an experiment'],
    ['edit k3f9 --untag baseline --unset params.debug', 'take things away']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const object = await findObject(context, workspace, args.address)
    if (!isServed(object.kind)) {
      throw cliErrors.create('CLI_WRONG_KIND', {
        address: args.address,
        kind: object.kind,
        expected: 'kind that can be edited'
      })
    }
    const fields = fieldsOf(object)
    for (const path of options.unset) {
      if (hasMember(fields, path)) continue
      throw usageError(`${object.address} has no field ${path}.`)
    }
    const changes = changesOf(options, fields)
    if (Object.keys(changes).length === 0) {
      throw usageError('Nothing to change was named: give --name, --note, --tag, --set or --unset.')
    }
    const service = serviceOf(workspace, object.kind) as Service<ServedKind>
    const changed = await service.update(
      object.address,
      changes as Parameters<typeof service.update>[1],
      { signal: context.signal }
    )
    if (context.json) return void (await printJson(context, flatObject(changed)))
    note(context, `Changed ${Object.keys(changes).join(', ')} of ${changed.address}.`)
    return undefined
  }
})

/** Tells whether a field, of a map too, is there. */
function hasMember(fields: JsonObject, path: string): boolean {
  let value: Json | undefined = fields
  for (const name of path.split('.')) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return false
    value = value[name]
  }
  return true
}

interface EditOptions {
  readonly name: string | undefined
  readonly note: string | undefined
  readonly tag: readonly string[]
  readonly untag: readonly string[]
  readonly set: readonly string[]
  readonly unset: readonly string[]
}

function changesOf(options: EditOptions, before: JsonObject): JsonObject {
  const { name, note: notes, tag, untag } = options
  const unset = options.unset.reduce<JsonObject>(
    (fields, path) => mergeDeep(fields, nest(path, undefined)),
    {}
  )
  return {
    ...mergeDeep(parseAssignments(options.set, TEXT_FIELDS), unset),
    ...(name === undefined ? {} : { name }),
    ...(notes === undefined ? {} : { notes }),
    ...(tag.length + untag.length === 0 ? {} : { tags: editTags(before.tags, tag, untag) })
  }
}

function editTags(
  before: unknown,
  added: readonly string[],
  removed: readonly string[]
): readonly string[] {
  const tags = Array.isArray(before) ? (before as string[]) : []
  return [...new Set([...tags, ...added])].filter((tag) => !removed.includes(tag))
}
