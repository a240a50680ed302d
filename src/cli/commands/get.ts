import { formatObject } from '../../service/parse.ts'
import { defineCommand, required, text } from '../command.ts'
import { findObject } from '../find.ts'
import { fieldsOf, flatObject, print, printJson } from '../print.ts'

/** `runtree get`. */
export const get = defineCommand({
  description:
    'Prints the record of an object as YAML: its kind, its address and its fields. runtree put ' +
    'stores what get printed.',
  arguments: { address: required('what to print') },
  options: { at: text('--at <commit>', 'as it was at a commit or tag') },
  examples: [
    ['get k3f9', 'a run'],
    ['get vision/train --json', 'an experiment as JSON'],
    ['get datasets/iris > iris.yaml', 'a file that runtree put reads']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const object = await findObject(context, workspace, args.address, options.at)
    if (context.json) return void (await printJson(context, flatObject(object)))
    await print(context, formatObject({ ...object, fields: fieldsOf(object) }))
    return undefined
  }
})
