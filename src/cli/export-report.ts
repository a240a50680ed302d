import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { formatTime } from '../base/time.ts'
import { createReportPage } from '../dashboard/server/report-page.ts'
import { collectReport } from '../dashboard/source/report-data.ts'
import type { Source } from '../dashboard/source/source.ts'
import { createWorkspaceSource } from '../dashboard/source/workspace-source.ts'
import type { Workspace } from '../service/workspace.ts'
import { chooseRuns } from './choose-runs.ts'
import type { Context } from './context.ts'
import { openDashboardFiles } from './dashboard-files.ts'
import { cliErrors, usageError } from './errors.ts'
import { findObject, isKind } from './find.ts'
import { createPause } from './pause.ts'
import { note, printJson } from './print.ts'
import { openProgress } from './progress.ts'
import { formatCount, formatSize } from './values.ts'
import { checkTarget, writeWhole } from './write-whole.ts'

/** How `runtree export` is called. */
export interface ExportOptions {
  readonly at: string | undefined
  readonly force: boolean
  readonly series: boolean
  readonly rows: string | undefined
  readonly columns: readonly string[]
  readonly filter: readonly string[]
  readonly sort: readonly string[]
  readonly limit: number | undefined
}

/** Writes a report of what lies at an address, or of the current project. */
export async function exportReport(
  context: Context,
  address: string | undefined,
  path: string,
  options: ExportOptions
): Promise<undefined> {
  const { at, series, rows, columns, force } = options
  if (at !== undefined) throw usageError('A report is of how things are now: leave --at away.')
  if (series || rows !== undefined || columns.length > 0) {
    throw usageError('--series, --rows and --columns are for tables.')
  }
  await checkTarget(context.files, { path, force })
  const readFile = await openDashboardFiles(context)
  const workspace = await context.open()
  const { project, runs } = await chooseForReport(context, workspace, address, options)
  const source = createWorkspaceSource(workspace, { version: context.version, place: project })
  const progress = openProgress(context, 'runs:')
  try {
    const made = formatTime(context.now())
    const report = await collectReport(
      pacedSource(context, source),
      { project, runs, made },
      {
        signal: context.signal,
        onProgress: ({ done, total = 0 }) => progress.update(done, total)
      }
    )
    const bytes = encodeUtf8(
      await createReportPage(report, {
        title: address ?? project,
        script: await readText(readFile, 'report.js'),
        style: await readText(readFile, 'main.css')
      })
    )
    await writeWhole(context.files, context.files.resolve(path), chunksOf(bytes))
    progress.stop()
    if (context.json) {
      const { omitted } = report
      const file = context.files.resolve(path)
      await printJson(context, { file, runs: report.runs.length, sizeBytes: bytes.length, omitted })
      return undefined
    }
    note(
      context,
      `Wrote ${formatCount(report.runs.length, 'run')} to ${path} (${formatSize(bytes.length)}).`
    )
    for (const sentence of report.omitted) note(context, sentence)
    return undefined
  } finally {
    progress.stop()
  }
}

/** Finds the runs that a report is of: those below an address, or a run with its children. */
export async function chooseForReport(
  context: Context,
  workspace: Workspace,
  address: string | undefined,
  { filter, sort, limit }: Pick<ExportOptions, 'filter' | 'sort' | 'limit'>
): Promise<{ readonly project: string; readonly runs: readonly string[] }> {
  const place = address ?? workspace.project
  if (place === undefined) {
    throw usageError('Name a project, an experiment or a run: there is no current project.')
  }
  const object = await findObject(context, workspace, place)
  const own = isKind(object, 'run') ? [object.address] : []
  if (own.length === 0 && !isKind(object, 'experiment') && !isKind(object, 'project')) {
    const expected = 'project, experiment or run'
    throw cliErrors.create('CLI_WRONG_KIND', { address: place, kind: object.kind, expected })
  }
  const found = await chooseRuns(context, workspace, { in: object.address, filter, sort, limit })
  return { project: object.project, runs: [...own, ...found.map((run) => run.address)] }
}

/** Makes a source that gives way to signals between the runs of a report. */
export function pacedSource(context: Context, source: Source): Source {
  const pause = createPause(context)
  return {
    ...source,
    async run(request, options) {
      await pause()
      return source.run(request, options)
    }
  }
}

async function readText(
  readFile: (name: string) => Promise<Uint8Array | undefined>,
  name: string
): Promise<string> {
  return decodeUtf8((await readFile(name)) ?? new Uint8Array())
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
