import type { JsonObject } from '../../base/json.ts'
import type { Service } from '../../service/service.ts'
import { defineCommand, optional, required, text, texts } from '../command.ts'
import { usageError } from '../errors.ts'
import { SERVED_KINDS, type ServedKind, serviceOf } from '../find.ts'
import { parseAssignments, TEXT_FIELDS } from '../listing.ts'
import { flatObject, note, print, printJson } from '../print.ts'

/** Kinds that go below the current project if nobody says otherwise. */
const TOP_KINDS = ['project', 'experiment', 'dataset', 'view']

/** `runtree create`. */
export const create = defineCommand({
  description:
    'Makes an object and prints its address. Fields are set with --set; docs/FORMAT.md lists those ' +
    'of each kind. An object that exists is left alone, and that is a failure.',
  arguments: {
    kind: required('the kind', SERVED_KINDS),
    name: optional('its name')
  },
  options: {
    in: text('-i, --in <address>', 'the object below which it goes (the current project)'),
    set: texts('-s, --set <field=value>', 'a field; may be repeated'),
    tag: texts('-t, --tag <tag>', 'a tag; may be repeated'),
    note: text('--note <text>', 'notes')
  },
  examples: [
    ['create project "Iris study"', 'a project'],
    ['create experiment baseline --note "no augmentation"', 'an experiment'],
    ['create dataset iris -s version=1 -s rows=150', 'a dataset'],
    ['create run -i baseline -s status=finished -s params.k=5', 'a run that took place elsewhere']
  ],
  async run(context, { args, options }) {
    if (options.in === undefined && !TOP_KINDS.includes(args.kind)) {
      throw usageError(`A ${args.kind} goes below something: name it with --in <address>.`)
    }
    const workspace = await context.open()
    const fields: JsonObject = {
      ...parseAssignments(options.set, TEXT_FIELDS),
      ...(args.name === undefined ? {} : { name: args.name }),
      ...(options.in === undefined ? {} : { in: options.in }),
      ...(options.tag.length === 0 ? {} : { tags: options.tag }),
      ...(options.note === undefined ? {} : { notes: options.note })
    }
    const service = serviceOf(workspace, args.kind as ServedKind) as Service<ServedKind>
    const object = await service.create(fields as Parameters<typeof service.create>[0], {
      signal: context.signal
    })
    if (context.json) return void (await printJson(context, flatObject(object)))
    await print(context, object.address)
    note(context, context.colors.dim(`runtree show ${object.address}`))
    return undefined
  }
})
