import { encodeUtf8 } from '../../base/bytes.ts'
import type { Workspace } from '../../service/workspace.ts'
import { chooseRun, ONE_RUN } from '../choose-runs.ts'
import { defineCommand, flag, optional, texts, whole } from '../command.ts'
import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { EXIT } from '../failures.ts'
import { note, printJson } from '../print.ts'
import { printableLines } from '../printable.ts'

const POLL_MS = 500

/** `runtree logs`. */
export const logs = defineCommand({
  description:
    'Prints the text that a run wrote, also while it is running. Control characters are shown as ' +
    'escapes and colours left away; --raw prints every byte as it was.',
  arguments: { run: optional('the run; with --filter, where it is searched') },
  options: {
    follow: flag('-f, --follow', 'go on until the run has ended'),
    raw: flag('--raw', 'print the bytes as they were written'),
    tail: whole('-n, --tail <lines>', 'only the last lines'),
    ...ONE_RUN,
    filter: texts('--filter <filter>', 'the run that passes; may be repeated')
  },
  examples: [
    ['logs k3f9', 'all of it'],
    ['logs -f k3f9', 'follow a run in progress'],
    ['logs k3f9 -n 20', 'its end'],
    ['logs train --filter "status = failed" -s -started', 'of the last run that failed']
  ],
  async run(context, { args, options }) {
    if (context.json && options.follow) throw usageError('--follow prints no JSON.')
    const workspace = await context.open()
    const { address } = await chooseRun(context, workspace, { in: args.run, ...options })
    const first = await workspace.runs.text(address, { signal: context.signal })
    const shown = options.tail === undefined ? first.text : lastLines(first.text, options.tail)
    if (context.json) return void (await printJson(context, { address, text: shown }))
    const show = (text: string): void | Promise<void> =>
      context.out.write(options.raw ? encodeUtf8(text) : printableLines(text))
    await show(shown)
    if (options.follow) return follow(context, workspace, address, first.cursor, show)
    if (first.text === '') note(context, `The run ${address} printed nothing.`)
    return undefined
  }
})

async function follow(
  context: Context,
  workspace: Workspace,
  address: string,
  from: string,
  show: (text: string) => void | Promise<void>
): Promise<number | undefined> {
  let after = from
  while (!context.signal.aborted) {
    // The status is read before the text, so that no text is missed when it has just ended.
    const run = await workspace.runs.get(address)
    const { text, cursor } = await workspace.runs.text(address, { after })
    after = cursor
    await show(text)
    if (text !== '') continue
    if (run?.fields.status !== 'running') return undefined
    await context.sleep(POLL_MS)
  }
  return EXIT.interrupted
}

/** Returns the last lines of a text. */
export function lastLines(text: string, count: number): string {
  let at = text.endsWith('\n') ? text.length - 1 : text.length
  for (let left = count; left > 0; left--) {
    at = text.lastIndexOf('\n', at - 1)
    if (at <= 0) return at === 0 && left === 1 ? text.slice(1) : text
  }
  return text.slice(at + 1)
}
