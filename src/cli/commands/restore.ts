import { defineCommand, required, text } from '../command.ts'
import { restoreStored } from '../deleted.ts'
import { flatObject, note, printJson } from '../print.ts'

/** `runtree restore`. */
export const restore = defineCommand({
  description:
    'Brings a deleted object back with all that lay below it, or makes an object again what it was ' +
    'at a commit or tag. It is a new commit; nothing of the history is lost.',
  arguments: { address: required('what to bring back') },
  options: { at: text('--at <commit>', 'as it was at a commit or tag') },
  examples: [
    ['restore train/k3f9q2xab7mt', 'a deleted run'],
    ['restore train --at 4be1c02', 'an experiment as it was']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const object = await restoreStored(context, workspace, args.address, options.at)
    if (context.json) return void (await printJson(context, flatObject(object)))
    note(context, `The ${object.kind} ${object.address} is back.`)
    return undefined
  }
})
