import type { LiveRun } from '../../service/runs.ts'
import type { Workspace } from '../../service/workspace.ts'
import { abbreviatedLength } from '../abbreviate.ts'
import { chooseRuns, MANY_RUNS, type RunChoice } from '../choose-runs.ts'
import { defineCommand, flag, optional, whole } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { collect, recoverRuns, resolveAddress } from '../find.ts'
import { flatObject, print, printJson } from '../print.ts'
import { formatSummary, formatTook } from '../run-table.ts'
import { type Column, formatTable } from '../table.ts'
import { formatCount, formatDuration } from '../values.ts'

const DEFAULT_SECONDS = 2

/** A run that is silent for so long is shown so. */
const SILENT_MS = 60_000

/** `runtree watch`. */
export const watch = defineCommand({
  description:
    'Shows the runs in progress, drawn anew every few seconds until Ctrl-C. When the output is no ' +
    'terminal, it shows them once.',
  arguments: { address: optional('only runs of this project or experiment') },
  options: {
    once: flag('--once', 'show them once and end'),
    interval: whole('--interval <seconds>', `seconds between two looks (${DEFAULT_SECONDS})`),
    ...MANY_RUNS
  },
  examples: [
    ['watch', 'all runs in progress'],
    ['watch train', 'those of an experiment'],
    ['watch train -f "lr < 0.1" -s -accuracy -n 5', 'the five best of some'],
    ['watch --once --json', 'for a script']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const place =
      args.address === undefined
        ? {}
        : { in: (await resolveAddress(workspace, args.address)).address }
    await recoverRuns(context, workspace, place)
    const read = (): Promise<readonly LiveRun[]> => readLive(context, workspace, place, options)
    if (options.once || context.json || !context.out.isTerminal) {
      return showOnce(context, await read())
    }
    const draw = createScreen(context)
    while (!context.signal.aborted) {
      draw(formatLive(context, await read()))
      await context.sleep((options.interval ?? DEFAULT_SECONDS) * 1000)
    }
    return EXIT.interrupted
  }
})

/** Reads the runs in progress, those that are meant in their order. */
async function readLive(
  context: Context,
  workspace: Workspace,
  place: { readonly in?: string },
  options: Omit<RunChoice, 'in' | 'at'>
): Promise<readonly LiveRun[]> {
  const { filter = [], sort = [], limit } = options
  const live = await collect(context, () => workspace.runs.live(place))
  if (filter.length + sort.length === 0) return live.slice(0, limit)
  const running = ['status = running', ...filter]
  const chosen = await chooseRuns(context, workspace, { ...place, filter: running, sort })
  const byAddress = new Map(live.map((each) => [each.run.address, each]))
  return chosen.flatMap(({ address }) => byAddress.get(address) ?? []).slice(0, limit)
}

async function showOnce(context: Context, live: readonly LiveRun[]): Promise<undefined> {
  if (!context.json) return void (await print(context, formatLive(context, live)))
  await printJson(
    context,
    live.map(({ run, alive, silentMs }) => ({
      ...flatObject(run),
      live: { ...(alive === undefined ? {} : { alive }), silentMs }
    }))
  )
  return undefined
}

/** Draws a text over the one before. */
function createScreen(context: Context): (text: string) => void {
  let drawn = 0
  return (text) => {
    const lines = text
      .trimEnd()
      .split('\n')
      .slice(0, Math.max(1, context.out.rows - 1))
    const back = drawn === 0 ? '' : `\u001b[${drawn}A\r\u001b[J`
    void context.out.write(`${back}${lines.join('\n')}\n`)
    drawn = lines.length
  }
}

/** Formats the runs in progress as a table. */
export function formatLive(
  context: Pick<Context, 'colors' | 'out' | 'now'>,
  live: readonly LiveRun[]
): string {
  if (live.length === 0) return 'No runs in progress.\n'
  const length = abbreviatedLength(live.map(({ run }) => run.id))
  const metrics = [...new Set(live.flatMap(({ run }) => Object.keys(run.fields.metrics ?? {})))]
  const columns: Column[] = [
    { title: 'run', minWidth: length, paint: (text) => context.colors.yellow(text) },
    { title: 'experiment', rank: 2, maxWidth: 24 },
    { title: 'name', rank: 3, maxWidth: 24 },
    { title: 'for', align: 'right' },
    { title: 'step', align: 'right', rank: 1 },
    ...metrics.map((title, index): Column => ({ title, align: 'right', rank: 5 + index })),
    { title: 'state', rank: 4, paint: (text) => context.colors.dim(text) }
  ]
  const rows = live.map(({ run, alive, silentMs }) => {
    const summaries = Object.values(run.fields.metrics ?? {})
    const steps = summaries.flatMap(({ step }) => (step === undefined ? [] : [step]))
    return [
      run.id.slice(0, length),
      run.key.experiment,
      run.fields.name ?? '',
      formatTook({ ...run.fields, status: 'running' }, context.now()),
      steps.length === 0 ? '' : String(Math.max(...steps)),
      ...metrics.map((name) => formatSummary(run.fields.metrics?.[name])),
      stateText(alive, silentMs)
    ]
  })
  const { text } = formatTable(columns, rows, {
    width: context.out.columns,
    colors: context.colors
  })
  return `${text}${context.colors.dim(formatCount(live.length, 'run'))} in progress\n`
}

function stateText(alive: boolean | undefined, silentMs: number): string {
  if (alive === false) return 'gone'
  return silentMs < SILENT_MS ? '' : `silent for ${formatDuration(silentMs)}`
}
