import { defineCommand, optional } from '../command.ts'
import { note, print, printJson } from '../print.ts'
import { formatTable } from '../table.ts'

/** `runtree snapshot`. */
export const snapshot = defineCommand({
  description:
    'Fixes the state of the whole project under a name: one commit that holds all experiments as they ' +
    'are now, under the tag snapshots/<name>. Without a name it lists them. runtree push brings them ' +
    'to a remote.',
  arguments: { name: optional('the name of a new one') },
  options: {},
  examples: [
    ['snapshot paper-v1', 'what the paper is about'],
    ['snapshot', 'the snapshots of the project'],
    ['show train@snapshots/paper-v1', 'an experiment as it was then']
  ],
  async run(context, { args }) {
    const workspace = await context.open()
    if (args.name !== undefined) {
      const made = await workspace.snapshots.create(args.name)
      if (context.json) return void (await printJson(context, made))
      await print(context, made.commitOid)
      note(context, `Made the snapshot ${made.name}; runtree push brings it to a remote.`)
      return undefined
    }
    const list = await workspace.snapshots.list()
    if (context.json) return void (await printJson(context, list))
    if (list.length === 0)
      note(context, 'There are no snapshots; runtree snapshot <name> makes one.')
    else {
      const { colors, out } = context
      const columns = [
        { title: 'snapshot', maxWidth: 63 },
        { title: 'commit', minWidth: 40 }
      ]
      const rows = list.map(({ name, commitOid }) => [name, commitOid])
      await print(context, formatTable(columns, rows, { width: out.columns, colors }).text)
    }
    return undefined
  }
})
