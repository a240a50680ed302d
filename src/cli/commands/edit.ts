import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { StoredObject } from '../../service/objects.ts'
import type { Service } from '../../service/service.ts'
import type { Workspace } from '../../service/workspace.ts'
import { chooseRuns, MANY_RUNS } from '../choose-runs.ts'
import { defineCommand, optional, text, texts } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { findObject, findRun, isServed, type ServedKind, serviceOf } from '../find.ts'
import { parseAssignments, TEXT_FIELDS } from '../listing.ts'
import { createPause } from '../pause.ts'
import { type Describable, fieldsOf, flatObject, note, printJson } from '../print.ts'
import { formatCount, mergeDeep, nest } from '../values.ts'

/** `runtree edit`. */
export const edit = defineCommand({
  description:
    'Changes fields of an object; the others, and everything below it, stay as they are. Of maps ' +
    'such as params only the members that are named change. With --filter, all runs that pass are ' +
    'changed in one commit.',
  arguments: { address: optional('what to change; with --filter, where the runs are searched') },
  options: {
    name: text('--name <name>', 'its name; the address stays'),
    note: text('--note <text>', 'its notes'),
    tag: texts('-t, --tag <tag>', 'add a tag; may be repeated'),
    untag: texts('--untag <tag>', 'take a tag away; may be repeated'),
    set: texts('-s, --set <field=value>', 'set a field; may be repeated'),
    unset: texts('--unset <field>', 'remove a field; may be repeated'),
    ...MANY_RUNS,
    sort: texts('--sort <field>', 'in this order, with - the greatest first; may be repeated')
  },
  examples: [
    ['edit k3f9 --tag baseline --note "the first that works"', 'a run'],
    ['edit train -s metrics.accuracy.goal=maximize', 'what is good in an experiment'],
    ['edit train -f "metrics.loss > 9" -t diverged', 'all runs that pass'],
    ['edit k3f9 --untag baseline --unset params.debug', 'take things away']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const { filter, sort, limit } = options
    if (filter.length > 0) {
      const choice = { in: args.address, filter, sort, limit }
      return editRuns(context, workspace, await chooseRuns(context, workspace, choice), options)
    }
    if (sort.length > 0 || limit !== undefined) {
      throw usageError('--sort and --limit are for the runs of a --filter.')
    }
    if (args.address === undefined) throw usageError('Name an object, or give a --filter for runs.')
    const object = await findObject(context, workspace, args.address)
    if (!isServed(object.kind)) {
      throw cliErrors.create('CLI_WRONG_KIND', {
        address: args.address,
        kind: object.kind,
        expected: 'kind that can be edited'
      })
    }
    const changes = changesOf(options, object)
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

/** Changes runs together: one commit an experiment. */
async function editRuns(
  context: Context,
  workspace: Workspace,
  runs: readonly StoredObject<'run'>[],
  options: EditOptions
): Promise<undefined> {
  if (isEmpty(fieldsToChange(options, {}))) throw nothingToChange()
  const edits = runs.flatMap((run) => {
    const fields = fieldsOf(run)
    const unset = options.unset.filter((path) => hasMember(fields, path))
    const changes = fieldsToChange({ ...options, unset }, fields)
    return isEmpty(changes) ? [] : [{ run, changes }]
  })
  const pause = createPause(context)
  for (const project of new Set(runs.map((run) => run.project))) {
    await workspace.transaction(async (transaction) => {
      for (const { run, changes } of edits) {
        if (run.project !== project) continue
        await pause()
        await transaction.update('run', run.address, changes as Parameters<Update>[1])
      }
    })
  }
  if (context.json) {
    const changed = []
    for (const { run } of edits) changed.push(await findRun(context, workspace, run.address))
    return void (await printJson(context, changed.map(flatObject)))
  }
  const fields = new Set(edits.flatMap(({ changes }) => Object.keys(changes)))
  if (edits.length === 0) note(context, 'No such runs.')
  else note(context, `Changed ${[...fields].join(', ')} of ${formatCount(edits.length, 'run')}.`)
  return undefined
}

type Update = Workspace['runs']['update']

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

/** Returns the changes that are asked for. @throws CLI_USAGE if there are none, or a field is not there. */
function changesOf(options: EditOptions, object: Describable): JsonObject {
  const before = fieldsOf(object)
  for (const path of options.unset) {
    if (!hasMember(before, path)) throw usageError(`${object.address} has no field ${path}.`)
  }
  const changes = fieldsToChange(options, before)
  if (isEmpty(changes)) throw nothingToChange()
  return changes
}

function isEmpty(changes: JsonObject): boolean {
  return Object.keys(changes).length === 0
}

function nothingToChange(): Error {
  return usageError('Nothing to change was named: give --name, --note, --tag, --set or --unset.')
}

function fieldsToChange(options: EditOptions, before: JsonObject): JsonObject {
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
