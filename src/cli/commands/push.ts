import { defineCommand, flag, optional, texts } from '../command.ts'
import { exitOf, printReport, slugsOf, withTransfer } from '../exchange.ts'

/** `runtree push`. */
export const push = defineCommand({
  description:
    'Brings experiments, datasets and snapshots of the current project to a remote. What others ' +
    'brought there meanwhile is merged with what is here first; nothing is ever overwritten. Ends with ' +
    'status 3 if the remote refused something.',
  arguments: { remote: optional('the remote (the only one, else origin)') },
  options: {
    experiment: texts('-e, --experiment <name>', 'only this experiment; may be repeated'),
    recreate: flag('--recreate', 'push again what was deleted there'),
    summary: flag('--summary', 'leave a summary of each branch for pages that read it on GitHub')
  },
  examples: [
    ['push', 'everything'],
    ['push origin -e train', 'one experiment'],
    ['push --summary', 'everything, to be shown fast by a page on a site'],
    ['push -e train --recreate', 'again, after somebody deleted it there']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const experiments = await slugsOf(workspace, options.experiment)
    return withTransfer(context, async (transfer) => {
      const report = await workspace.push({
        ...(args.remote === undefined ? {} : { remote: args.remote }),
        ...(experiments.length === 0 ? {} : { experiments }),
        recreate: options.recreate,
        summary: options.summary,
        ...transfer.options
      })
      await printReport(context, report, { direction: 'push', sentBytes: transfer.sentBytes() })
      return exitOf(report, 'push')
    })
  }
})
