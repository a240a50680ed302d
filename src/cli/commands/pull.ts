import { defineCommand, flag, optional, texts } from '../command.ts'
import { exitOf, findMissing, printReport, withTransfer } from '../exchange.ts'

/** `runtree pull`. */
export const pull = defineCommand({
  description:
    'Brings what a remote has and merges it with what is here. Experiments that were deleted here ' +
    'stay away, unless they are named.',
  arguments: { remote: optional('the remote (the only one, else origin)') },
  options: {
    experiment: texts('-e, --experiment <name>', 'only this experiment; may be repeated'),
    join: flag('--join', "take another project's experiments in; this one gets its id")
  },
  examples: [
    ['pull', 'everything'],
    ['pull origin -e train', 'one experiment, also one that was deleted here'],
    ['pull --join', 'make two projects one that were begun apart']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const experiments = options.experiment
    return withTransfer(context, async (transfer) => {
      const report = await workspace.pull({
        ...(args.remote === undefined ? {} : { remote: args.remote }),
        ...(experiments.length === 0 ? {} : { experiments }),
        join: options.join,
        ...transfer.options
      })
      await printReport(context, report, { direction: 'pull' })
      const missing = findMissing(report, experiments)
      if (missing !== undefined) throw missing
      return exitOf(report, 'pull')
    })
  }
})
