import type { Json } from '../../base/json.ts'
import type { ProjectStatus } from '../../service/sync.ts'
import type { Workspace } from '../../service/workspace.ts'
import { defineCommand } from '../command.ts'
import { contestedOf, settleCommand } from '../conflicts.ts'
import type { Context } from '../context.ts'
import { nameOfRef, REPAIR } from '../exchange.ts'
import { EXIT } from '../exit.ts'
import { formatPairs, formatSection } from '../page.ts'
import { print, printJson } from '../print.ts'
import { printable } from '../printable.ts'
import { formatQueue, formatRemoteLine, formatStates, unsynced } from '../remote-state.ts'
import { formatCount } from '../values.ts'

/** A field between whose values a person is to decide. */
interface Contested {
  readonly address: string
  readonly fieldPath: string
  readonly values: readonly Json[]
}

/** `runtree status`. */
export const status = defineCommand({
  description:
    'Says how the current project stands to each of its remotes, as they were when they were last ' +
    'asked, and which fields two people set to different values. It asks nobody: runtree pull does.' +
    '\n\nnew: was never pushed. ahead: has more here. behind: has more there. diverged: both. ' +
    'What is contested is settled by runtree edit, and travels with the next push.\n\n' +
    'Where a branch or a snapshot can’t be read it says why, and ends with 1.',
  arguments: {},
  options: {},
  examples: [
    ['status', 'what there is to push, and to decide'],
    ['edit k3f9 --set status=finished', 'decide']
  ],
  async run(context) {
    const workspace = await context.open()
    const found = await workspace.status()
    const conflicts = await readContested(context, workspace, found.conflicts)
    if (context.json) await printJson(context, { ...found, conflicts })
    else await print(context, formatStatus(context, found, conflicts))
    return found.damaged.length === 0 ? EXIT.done : EXIT.failed
  }
})

async function readContested(
  { signal }: Context,
  workspace: Workspace,
  conflicts: ProjectStatus['conflicts']
): Promise<readonly Contested[]> {
  const contested: Contested[] = []
  for (const { address, fieldPath } of conflicts) {
    const { object } = await workspace.get(address, { offline: true, signal })
    const values = object && contestedOf(object).get(fieldPath)
    contested.push({ address, fieldPath, values: values ?? [] })
  }
  return contested
}

function formatStatus(
  context: Context,
  found: ProjectStatus,
  conflicts: readonly Contested[]
): string {
  const { colors } = context
  const pairs = formatPairs(context, [
    ['project', colors.bold(found.project)],
    ...found.remotes.map((state): [string, string] => [
      printable(state.remote.name),
      formatRemoteLine(context, state)
    ]),
    [
      'remotes',
      found.remotes.length === 0 ? 'none: runtree remote add <name> <address>' : undefined
    ]
  ])
  const sections = found.remotes.map((state) => {
    const alike = state.refs.length - unsynced(state).length
    const rest = `  ${formatCount(alike, 'branch', 'branches')} as at the remote\n`
    const body = formatStates(context, state) + (alike === 0 ? '' : rest) + formatQueue(state)
    return formatSection(context, printable(state.remote.name), body)
  })
  return (
    pairs +
    sections.join('') +
    formatSection(context, 'Contested', formatContested(context, conflicts)) +
    formatSection(context, 'Damaged', formatDamaged(context, found.damaged))
  )
}

/** Says of each branch that can't be read why, and at the end what can be done. */
function formatDamaged({ colors }: Context, damaged: ProjectStatus['damaged']): string {
  if (damaged.length === 0) return ''
  const lines = damaged.map(
    (each) => `  ${colors.yellow(printable(nameOfRef(each)))}: ${printable(each.reason)}\n`
  )
  return `${lines.join('')}  ${REPAIR}\n`
}

/** Formats for each contested field the commands of which one settles it. */
function formatContested(context: Context, conflicts: readonly Contested[]): string {
  return conflicts
    .map(({ address, fieldPath, values }) => {
      const commands = values.map((value) => settleCommand(address, fieldPath, value))
      const lines = commands.map((command) => `    ${printable(command)}\n`)
      return `  ${fieldPath} of ${context.colors.yellow(printable(address))}: choose by one of\n${lines.join('')}`
    })
    .join('')
}
