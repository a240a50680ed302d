import type { HistoryEntry } from '../../service/service.ts'
import type { Workspace } from '../../service/workspace.ts'
import { chooseAddress, ONE_RUN } from '../choose-runs.ts'
import { defineCommand, optional, whole } from '../command.ts'
import type { Context } from '../context.ts'
import { storedHistory } from '../deleted.ts'
import { print, printJson } from '../print.ts'
import { formatTable } from '../table.ts'
import { formatAge } from '../values.ts'

const SHOWN_OID = 8

/** `runtree history`. */
export const history = defineCommand({
  description:
    'Lists the commits that touched an object or anything below it, the newest first. An object that ' +
    'was deleted has its history still. address@commit reads an object as it was then.',
  arguments: { address: optional('the object; with --filter, where the run is searched') },
  options: { limit: whole('-n, --limit <count>', 'at most this many'), ...ONE_RUN },
  examples: [
    ['history train -n 5', 'the last commits of an experiment'],
    ['get k3f9@4be1c02', 'a run as it was at one of them']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const { limit, filter, sort } = options
    const address = await chooseAddress(context, workspace, { in: args.address, filter, sort })
    const entries = await readEntries(context, workspace, address, limit)
    if (context.json) return void (await printJson(context, entries))
    await print(context, formatEntries(context, entries))
    return undefined
  }
})

async function readEntries(
  context: Context,
  workspace: Workspace,
  address: string,
  limit: number | undefined
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  for await (const entry of storedHistory(context, workspace, address)) {
    entries.push(entry)
    if (entries.length === limit) break
  }
  return entries
}

function formatEntries(context: Context, entries: readonly HistoryEntry[]): string {
  const { colors } = context
  return formatTable(
    [
      { title: 'commit', paint: (text) => colors.yellow(text) },
      { title: 'when', rank: 1, minWidth: 10, paint: (text) => colors.dim(text) },
      { title: 'author', rank: 2, maxWidth: 24 },
      { title: 'what', maxWidth: 200 }
    ],
    entries.map((entry) => [
      entry.commitOid.slice(0, SHOWN_OID),
      formatAge(entry.time, context.now()),
      entry.author.name,
      entry.subject
    ]),
    { width: context.out.columns, colors }
  ).text
}
