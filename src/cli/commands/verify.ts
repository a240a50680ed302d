import type { VerifyReport } from '../../service/workspace.ts'
import { defineCommand, flag, optional } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { print, printJson } from '../print.ts'
import { printable } from '../printable.ts'
import { openProgress } from '../progress.ts'
import { formatTable } from '../table.ts'
import { formatCount } from '../values.ts'

type VerifyProblem = VerifyReport['problems'][number]
type VerifyNote = VerifyReport['notes'][number]

/** `runtree verify`. */
export const verify = defineCommand({
  description:
    'Checks that every object can be read and is whole, that every record fits its schema, that what ' +
    'records name exists, and that refs, indexes, journals and content beside the history are sound. ' +
    'Tells, too, what was not pushed. Ends with status 1 if anything is wrong.\n\n' +
    'With --repair, indexes and caches are made anew, what is missing is fetched from the remotes that ' +
    'have it, a branch whose commit is lost goes back to its newest commit here, and records that can’t ' +
    'be read give way to their last readable state. Nothing that is damaged is removed: objects, packs ' +
    'and refs are moved to runtree/damaged in the project’s repository, records to damaged/ in their ' +
    'branch. Ends with status 0 if all was mended.',
  arguments: { address: optional('only this project or experiment (all projects)') },
  options: { repair: flag('--repair', 'mend what can be mended') },
  examples: [
    ['verify', 'everything'],
    ['verify vision --json', 'one project, for a script'],
    ['verify vision --repair', 'mend it']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const progress = openProgress(context, 'checking')
    try {
      const report = await workspace.verify({
        ...(args.address === undefined ? {} : { in: args.address }),
        repair: options.repair,
        onProgress: progress.update,
        signal: context.signal
      })
      progress.stop()
      if (context.json) await printJson(context, report)
      else await print(context, formatReport(context, report, options.repair))
      return report.problems.every(({ isMended }) => isMended) ? EXIT.done : EXIT.failed
    } finally {
      progress.stop()
    }
  }
})

const REMEDIES: { readonly [R in NonNullable<VerifyProblem['repair']>]: string } = {
  remake: 'can be made anew',
  remove: 'can be removed',
  fetch: 'a remote may have it',
  restore: 'can be put back',
  'set-aside': 'can be moved aside',
  recover: 'can be recovered'
}

function formatReport(context: Context, report: VerifyReport, isRepair: boolean): string {
  const { colors } = context
  const checked = `${formatCount(report.objects, 'object')} and ${formatCount(report.records, 'record')}`
  const notes = formatNotes(context, report.notes)
  if (report.problems.length === 0)
    return `${notes}${colors.green('All is well:')} ${checked} checked.\n`
  const table = formatTable(
    [
      { title: 'project', rank: 2 },
      { title: 'where', minWidth: 24, maxWidth: 60 },
      { title: 'code', rank: 1, paint: (text) => colors.red(text) },
      { title: 'repair', rank: 1 },
      { title: 'problem', minWidth: 30, maxWidth: 200 }
    ],
    report.problems.map((problem) => {
      const { project, where, code, message } = problem
      return [project, where, code, remedyOf(problem, isRepair), message]
    }),
    { width: context.out.columns, colors }
  )
  return `${table.text}\n${notes}${summarize(context, report, checked, isRepair)}`
}

function remedyOf({ repair, isMended }: VerifyProblem, isRepair: boolean): string {
  if (isRepair) return isMended ? 'mended' : 'not mended'
  return repair === undefined ? '' : REMEDIES[repair]
}

function summarize(
  { colors }: Context,
  { problems }: VerifyReport,
  checked: string,
  isRepair: boolean
): string {
  const count = formatCount(problems.length, 'problem')
  const left = problems.filter(({ isMended }) => !isMended).length
  if (!isRepair) {
    const hint = problems.some(({ repair }) => repair !== undefined)
      ? ' runtree verify --repair mends what can be mended.'
      : ''
    return `${colors.red(count)} in ${checked}.${hint}\n`
  }
  const found = `${count} in ${checked}: `
  if (left === 0) return `${found}${colors.green('all mended.')}\n`
  return `${found}${problems.length - left} mended, ${colors.red(`${left} left.`)} A clone may have what is lost.\n`
}

/** What is good to know, a line each; of many of one kind the first. */
const SHOWN_NOTES = 10

function formatNotes({ colors }: Context, notes: readonly VerifyNote[]): string {
  const lines: string[] = []
  const kinds = new Set(notes.map(({ kind }) => kind))
  for (const kind of kinds) {
    const own = notes.filter((note) => note.kind === kind)
    for (const { project, where, message } of own.slice(0, SHOWN_NOTES)) {
      lines.push(`${printable(`${project}: ${where}: ${message}`)}`)
    }
    if (own.length > SHOWN_NOTES) lines.push(`… and ${own.length - SHOWN_NOTES} more`)
  }
  return lines.map((line) => `${colors.dim(line)}\n`).join('')
}
