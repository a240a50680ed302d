import { createPublishedSite, SITE_FOLDERS } from '../../dashboard/server/published-site.ts'
import { collectReport } from '../../dashboard/source/report-data.ts'
import { createWorkspaceSource } from '../../dashboard/source/workspace-source.ts'
import { MANY_RUNS } from '../choose-runs.ts'
import { defineCommand, optional, text } from '../command.ts'
import type { Context } from '../context.ts'
import { openBundle } from '../dashboard-files.ts'
import { usageError } from '../errors.ts'
import { withTransfer } from '../exchange.ts'
import { chooseForReport, pacedSource } from '../export-report.ts'
import { note, printJson } from '../print.ts'
import { openProgress } from '../progress.ts'
import { formatCount } from '../values.ts'

const DEFAULT_BRANCH = 'gh-pages'

/** `runtree publish`. */
export const publish = defineCommand({
  description:
    'Puts the dashboard with runs inside on a branch of a remote, from which a forge serves it as a ' +
    'site (“pages”). Only what changed since the last time is sent; other files of that branch stay. ' +
    'Everybody who may see the site sees the runs.',
  arguments: { address: optional('a project, experiment or run (the current project)') },
  options: {
    remote: text('--remote <name>', 'the remote (the only one, else origin)'),
    branch: text('--branch <name>', `the branch that the site lies on (${DEFAULT_BRANCH})`),
    ...MANY_RUNS
  },
  examples: [
    ['publish', 'the current project'],
    ['publish train -s -accuracy -n 20 --branch pages', 'the best of an experiment']
  ],
  async run(context, { args, options }) {
    const { branch = DEFAULT_BRANCH, remote } = options
    if (!isOwnBranch(branch)) {
      throw usageError(`${branch} can't be the branch of a site: name another one with --branch.`)
    }
    const { files } = await openBundle(context)
    const workspace = await context.open()
    const { project, runs } = await chooseForReport(context, workspace, args.address, options)
    const source = createWorkspaceSource(workspace, { version: context.version, place: project })
    const { entries } = await source.activity({ address: project, limit: 1 })
    const report = await withProgress(context, (onProgress) =>
      collectReport(
        pacedSource(context, source),
        // A time of its own would be a change each time.
        { project, runs, made: entries[0]?.time ?? '1970-01-01T00:00:00.000Z' },
        { signal: context.signal, onProgress }
      )
    )
    const published = await withTransfer(context, (transfer) =>
      workspace.publish({
        in: project,
        branch,
        files: createPublishedSite(report, files),
        folders: SITE_FOLDERS,
        subject: `publish ${project}`,
        ...(remote === undefined ? {} : { remote }),
        ...transfer.options
      })
    )
    const { omitted } = report
    if (context.json) await printJson(context, { ...published, runs: report.runs.length, omitted })
    else {
      const { changed, removed, url } = published
      const what =
        changed + removed === 0 ? 'Nothing has changed' : `Sent ${formatCount(changed, 'file')}`
      note(context, `${what}: ${formatCount(report.runs.length, 'run')} on ${branch} of ${url}.`)
      for (const sentence of omitted) note(context, sentence)
    }
    return undefined
  }
})

/** Tells whether a branch has a plain name that the project itself doesn't use. */
function isOwnBranch(branch: string): boolean {
  const isPlain =
    /^[\w][\w.-]*(\/[\w][\w.-]*)*$/.test(branch) && !/\.\.|\.lock(\/|$)|\.$/.test(branch)
  return isPlain && branch !== 'main' && !/^(experiments|runtree)(\/|$)/.test(branch)
}

async function withProgress<T>(
  context: Context,
  body: (onProgress: (progress: { done: number; total?: number }) => void) => Promise<T>
): Promise<T> {
  const progress = openProgress(context, 'runs:')
  try {
    return await body(({ done, total = 0 }) => progress.update(done, total))
  } finally {
    progress.stop()
  }
}
