import type { ProjectGarbageReport } from '../../service/gc.ts'
import { defineCommand, flag, optional } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { resolveAddress } from '../find.ts'
import { print, printJson } from '../print.ts'
import { openProgress } from '../progress.ts'
import { formatTable } from '../table.ts'
import { formatCount, formatSize } from '../values.ts'

/** `runtree gc`. */
export const gc = defineCommand({
  description:
    'Packs the repository of each project anew, as small as it goes, and drops what nothing leads to ' +
    'and nobody has touched for 14 days. Needs no git program, and others may work meanwhile. Small ' +
    'packs are merged by themselves: this is for space.',
  arguments: { address: optional('only this project (all projects)') },
  options: {
    now: flag('--now', 'drop what nothing leads to at once; only while nobody else writes')
  },
  examples: [
    ['gc', 'all projects'],
    ['gc vision --now', 'after deleting much']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const place =
      args.address === undefined
        ? {}
        : { in: (await resolveAddress(workspace, args.address)).address }
    const progress = openProgress(context, 'packing')
    try {
      const reports = await workspace.gc({
        ...place,
        ...(options.now ? { graceMs: 0 } : {}),
        onProgress: progress.update,
        signal: context.signal
      })
      progress.stop()
      if (context.json) await printJson(context, reports)
      else await print(context, formatReports(context, reports))
      return EXIT.done
    } finally {
      progress.stop()
    }
  }
})

function formatReports(context: Context, reports: readonly ProjectGarbageReport[]): string {
  if (reports.length === 0) return 'There is no project.\n'
  const { colors } = context
  const table = formatTable(
    [
      { title: 'project', rank: 2 },
      { title: 'before', rank: 1 },
      { title: 'after', rank: 1 },
      { title: 'packs' },
      { title: 'dropped' }
    ],
    reports.map((report) => [
      report.project,
      formatSize(report.bytesBefore),
      formatSize(report.bytesAfter),
      `${report.packsBefore} → ${report.packsAfter}`,
      formatCount(report.removedObjects, 'object')
    ]),
    { width: context.out.columns, colors }
  )
  const freed = reports.reduce((sum, each) => sum + each.bytesBefore - each.bytesAfter, 0)
  return `${table.text}\n${colors.green(`${formatSize(Math.max(0, freed))} freed.`)}\n`
}
