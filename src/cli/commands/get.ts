import { formatObject } from '../../service/parse.ts'
import type { GetOptions, GetResult } from '../../service/workspace.ts'
import { chooseAddress, ONE_RUN } from '../choose-runs.ts'
import { defineCommand, optional, text } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { withTransfer } from '../exchange.ts'
import { nothingAt } from '../find.ts'
import { fieldsOf, flatObject, note, print, printJson, warn } from '../print.ts'
import { formatCount, formatSize } from '../values.ts'

/** `runtree get`. */
export const get = defineCommand({
  description:
    'Prints the record of an object as YAML: its kind, its address and its fields. runtree put ' +
    'stores what get printed.\n\nIf the project has remotes, they are asked first, and what they have is ' +
    'merged with what is here; with an address such as <url>#train the project is cloned if it is not ' +
    'here. What was asked less than --max-age ago is not asked again, and a remote that cannot be ' +
    'reached stops nothing. All other commands that read use what is here.',
  arguments: { address: optional('what to print; with --filter, where the run is searched') },
  options: {
    at: text('--at <commit>', 'as it was at a commit or tag'),
    maxAge: text('--max-age <seconds>', 'how old an answer of a remote may be (10)'),
    ...ONE_RUN
  },
  examples: [
    ['get k3f9', 'a run'],
    ['get vision/train --json', 'an experiment as JSON'],
    ['get datasets/iris > iris.yaml', 'a file that runtree put reads'],
    ['get https://git.example.org/team/vision.git#train', 'from a project elsewhere']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const { filter, sort, at } = options
    const address = await chooseAddress(context, workspace, { in: args.address, filter, sort, at })
    const asking = { ...readMaxAge(options.maxAge), ...(options.at ? { at: options.at } : {}) }
    const { object, sync, heldBack } = await withTransfer(context, (transfer) =>
      workspace.get(address, { ...asking, ...transfer.options })
    )
    if (object === undefined) {
      if (sync === 'stale') throw cliErrors.create('CLI_NOT_ASKED', { address })
      throw await nothingAt(workspace, address)
    }
    saySync(context, sync)
    if (heldBack.count > 0) {
      const what = formatCount(heldBack.count, 'artifact')
      const size = formatSize(heldBack.sizeBytes)
      warn(context, `the content of ${what}, ${size}, is not here: it stays where it was made`)
    }
    if (context.json) return void (await printJson(context, flatObject(object)))
    await print(context, formatObject({ ...object, fields: fieldsOf(object) }))
    return undefined
  }
})

function readMaxAge(seconds: string | undefined): Pick<GetOptions, 'maxAgeMs'> {
  if (seconds === undefined) return {}
  if (/^\d{1,9}(\.\d+)?$/.test(seconds)) return { maxAgeMs: Number(seconds) * 1000 }
  throw usageError(`--max-age takes a number of seconds, not ${seconds}.`)
}

function saySync(context: Context, sync: GetResult['sync']): void {
  if (sync === 'stale') warn(context, 'not every remote could be asked; this is what is here')
  if (sync === 'fetched') note(context, 'fetched from its remote')
  if (sync === 'merged') note(context, 'merged with what its remote has')
}
