import { readSettings, writeSetting } from '../../service/config.ts'
import { isFilter } from '../../service/sync-service.ts'
import type { Workspace } from '../../service/workspace.ts'
import { defineCommand, flag, optional, required, text, texts, whole } from '../command.ts'
import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { exitOf, findMissing, printReport, withTransfer } from '../exchange.ts'
import { note } from '../print.ts'
import { printable } from '../printable.ts'

/** `runtree clone`. */
export const clone = defineCommand({
  description:
    'Brings a project from an address into the workspace, which is made if there is none: https://, ' +
    'ssh://, host:path, file://, a path, or a bundle file. Where it lies in the repository is found ' +
    'out. The address is kept as the remote origin, without credentials. A project that is here ' +
    'already is brought up to date.\n\nIn a workspace without projects it becomes the current one.',
  arguments: {
    address: required('where the project lies'),
    name: optional("the project's name here (its own)")
  },
  options: {
    experiment: texts('-e, --experiment <name>', 'only this experiment; may be repeated'),
    depth: whole('--depth <commits>', 'only so much of the history; the rest when it is asked for'),
    partial: flag('--partial', 'without files above 8 kB; they come when they are looked at'),
    leave: text('--leave <filter>', 'the same for what a filter of git says: blob:none, tree:5')
  },
  examples: [
    ['clone https://git.example.org/team/vision.git', 'a whole project'],
    ['clone git@git.example.org:team/vision.git -e train', 'one experiment of it'],
    ['clone git@git.example.org:team/vision.git -e train --depth 1 --partial', 'what a list needs'],
    ['clone /groups/lab/vision.git lab-vision', 'from a shared folder, under another name']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const experiments = options.experiment
    const isFirst = await isEmpty(workspace.projects.list())
    return withTransfer(context, async (transfer) => {
      const report = await workspace.clone(args.address, {
        ...(args.name === undefined ? {} : { name: args.name }),
        ...(experiments.length === 0 ? {} : { experiments }),
        ...(options.depth === undefined ? {} : { depth: options.depth }),
        ...(options.partial ? { partial: true } : {}),
        ...(options.leave === undefined ? {} : { partial: checkFilter(options.leave) }),
        ...transfer.options
      })
      await printReport(context, report, { direction: 'pull' })
      for (const wish of report.ignored) note(context, IGNORED[wish])
      const where = `${workspace.folder}/${report.project}.git`
      const verb = report.wasHere ? 'was here already, in' : 'is now in'
      note(context, `The project ${report.project} ${verb} ${printable(where)}.`)
      await sayWhere(context, workspace, report.project, isFirst)
      const missing = findMissing(report, experiments)
      if (missing !== undefined) throw missing
      return exitOf(report, 'pull')
    })
  }
})

const IGNORED = {
  depth: 'All history was brought: the remote, or a project that was here before, cuts none.',
  partial:
    'All content was brought: the remote, or a project that was here before, leaves none away.'
} as const

function checkFilter(filter: string): string {
  if (isFilter(filter)) return filter
  throw usageError(`--leave ${filter} is none of blob:none, blob:limit=<bytes> and tree:<depth>`)
}

/** Makes the first project of a workspace the current one, and says how to use it. */
async function sayWhere(
  context: Context,
  workspace: Workspace,
  project: string,
  isFirst: boolean
): Promise<void> {
  const { project: setting } = await readSettings(context.files, workspace.folder)
  if (isFirst && setting === undefined) {
    await writeSetting(context.files, workspace.folder, 'project', project)
    note(context, 'It is the current project: runtree ls shows it, and runtree run adds to it.')
  } else if (setting !== project) {
    note(context, `Name it with --project, or make it current: runtree config project ${project}`)
  }
}

async function isEmpty(items: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of items) return false
  return true
}
