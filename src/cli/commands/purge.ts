import type { PurgeReport } from '../../service/purge.ts'
import { chooseAddress, ONE_RUN } from '../choose-runs.ts'
import { defineCommand, flag, optional, text } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { exitOf, sayReport, withTransfer } from '../exchange.ts'
import { EXIT } from '../failures.ts'
import { note, printJson, warn } from '../print.ts'
import { printable } from '../printable.ts'
import { openProgress } from '../progress.ts'
import { formatCount } from '../values.ts'

/** `runtree purge`. */
export const purge = defineCommand({
  description:
    'Takes an object inside an experiment out of its whole history, such as a secret that was stored by ' +
    'mistake, and a run with its child runs. The experiment gets new commits, and a list in ' +
    'purged.yaml by which other copies give the object up when they pull. This can’t be undone.\n\n' +
    'With --remote the branch is replaced there too, if it holds what it was seen to hold. The bytes ' +
    'are freed by runtree gc --now here, and by git gc --prune=now at the remote. What else still leads ' +
    'to the object, such as main or a snapshot, is named. Whoever has read it has read it: a password ' +
    'that leaked must be changed.',
  arguments: {
    object: optional(
      'an object inside an experiment, there or deleted; with --filter, where the run is'
    )
  },
  options: {
    yes: flag('-y, --yes', 'do not ask'),
    remote: text('--remote <name>', 'replace the branch at this remote too'),
    ...ONE_RUN
  },
  examples: [
    ['purge k3f9q2xab7mt/artifacts/.env', 'a file that was stored by mistake'],
    ['purge k3f9 --remote origin --yes', 'a run, here and at a remote']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const { filter, sort } = options
    const address = await chooseAddress(context, workspace, { in: args.object, filter, sort })
    if (!options.yes) await askFor(context, address)
    const progress = openProgress(context, 'rewriting')
    try {
      return await withTransfer(context, async (transfer) => {
        const report = await workspace.purge(address, {
          onRewrite: progress.update,
          ...(options.remote === undefined ? {} : { remote: options.remote }),
          ...transfer.options
        })
        progress.stop()
        if (context.json) await printJson(context, report)
        else sayPurge(context, report)
        return report.pushed === undefined ? EXIT.done : exitOf(report.pushed, 'push')
      })
    } finally {
      progress.stop()
    }
  }
})

function sayPurge(context: Context, report: PurgeReport): void {
  const { address, kind, replaced, heldBy, pushed, removedContent } = report
  const commits = formatCount(replaced, 'commit')
  note(context, printable(`Purged the ${kind} ${address}; ${commits} made anew or left out.`))
  if (removedContent > 0) {
    note(context, `${formatCount(removedContent, 'file')} of large content removed.`)
  }
  if (pushed !== undefined) sayReport(context, pushed, { direction: 'push' })
  for (const ref of heldBy) {
    // A push has moved the note of what the remote has.
    if (pushed !== undefined && ref.startsWith(`refs/runtree/remotes/${pushed.remote}/`)) continue
    warn(context, printable(`${nameOf(ref)} still leads to it.`))
  }
  note(context, 'runtree gc --now frees the bytes.')
}

function nameOf(ref: string): string {
  const [, remote] = /^refs\/runtree\/remotes\/([^/]+)\//.exec(ref) ?? []
  if (remote !== undefined) return `What the remote ${remote} was seen to have`
  return ref.replace(/^refs\/(heads|tags)\//, '')
}

async function askFor(context: Context, address: string): Promise<void> {
  if (!context.stdin.isTerminal) {
    throw usageError(`Purging ${address} needs --yes when nobody can be asked.`)
  }
  const question = `Take ${address} out of the history? This can't be undone. [y/N] `
  const answer = await context.stdin.ask(printable(question))
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw cliErrors.create('CLI_CANCELLED', { what: `${address} stays` })
  }
}
