import type { VerifyReport } from '../../service/workspace.ts'
import { defineCommand, optional } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { resolveAddress } from '../find.ts'
import { print, printJson } from '../print.ts'
import { openProgress } from '../progress.ts'
import { formatTable } from '../table.ts'
import { formatCount } from '../values.ts'

/** `runtree verify`. */
export const verify = defineCommand({
  description:
    'Checks that every object can be read and is whole, that every record fits its schema, and that ' +
    'what records name exists. Ends with status 1 if anything is wrong.',
  arguments: { address: optional('only this project or experiment (all projects)') },
  options: {},
  examples: [
    ['verify', 'everything'],
    ['verify vision --json', 'one project, for a script']
  ],
  async run(context, { args }) {
    const workspace = await context.open()
    const place =
      args.address === undefined
        ? {}
        : { in: (await resolveAddress(workspace, args.address)).address }
    const progress = openProgress(context, 'checking')
    try {
      const report = await workspace.verify({
        ...place,
        onProgress: progress.update,
        signal: context.signal
      })
      progress.stop()
      if (context.json) await printJson(context, report)
      else await print(context, formatReport(context, report))
      return report.problems.length === 0 ? EXIT.done : EXIT.failed
    } finally {
      progress.stop()
    }
  }
})

function formatReport(context: Context, report: VerifyReport): string {
  const { colors } = context
  const checked = `${formatCount(report.objects, 'object')} and ${formatCount(report.records, 'record')}`
  if (report.problems.length === 0) return `${colors.green('All is well:')} ${checked} checked.\n`
  const table = formatTable(
    [
      { title: 'project', rank: 2 },
      { title: 'where', minWidth: 24, maxWidth: 60 },
      { title: 'code', rank: 1, paint: (text) => colors.red(text) },
      { title: 'problem', minWidth: 30, maxWidth: 200 }
    ],
    report.problems.map(({ project, where, code, message }) => [project, where, code, message]),
    { width: context.out.columns, colors }
  )
  const count = formatCount(report.problems.length, 'problem')
  return `${table.text}\n${colors.red(count)} in ${checked}.\n`
}
