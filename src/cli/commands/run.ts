import type { Run, RunEnd, StartRun } from '../../service/run.ts'
import { defineCommand, many, text, texts } from '../command.ts'
import type { Context, ProcessEnd } from '../context.ts'
import { cliErrors } from '../errors.ts'
import { whyNotStarted } from '../find-program.ts'
import { followLog } from '../follow-log.ts'
import { parseAssignments } from '../listing.ts'
import { createOutputLines, scriptName } from '../output-lines.ts'
import { printJson, warn } from '../print.ts'
import { printable } from '../printable.ts'
import { parseTyped } from '../values.ts'

interface RunOptions {
  readonly experiment: string | undefined
  readonly name: string | undefined
  readonly key: string | undefined
  readonly param: readonly string[]
  readonly tag: readonly string[]
  readonly note: string | undefined
  readonly seed: string | undefined
  readonly push: string | undefined
}

const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
const SIGNAL_BASE = 128

/** `runtree run`. */
export const run = defineCommand({
  description:
    'Runs a command of any language and tracks it as a run: its code, command line, environment, ' +
    'output and outcome. The output is shown live and kept in the log. Project, experiment and ' +
    'workspace are made if there are none.\n\nThe command logs by appending JSON lines to the file ' +
    '$RUNTREE_LOG, such as {"step":1,"loss":0.3}; docs/CLI.md lists what a line may say. ' +
    'runtree run exits with the status of the command.\n\nWith --push the experiment is pushed at the ' +
    'start and the end of the run; trouble with that never fails the run.',
  arguments: { command: many('the command and its arguments') },
  passThrough: true,
  options: {
    experiment: text('-e, --experiment <name>', "the experiment (the script's name)"),
    name: text('--name <name>', 'a label for the run'),
    key: text('--key <key>', 'continue the run that was started with this key'),
    param: texts('-p, --param <name=value>', 'a parameter; may be repeated'),
    tag: texts('-t, --tag <tag>', 'a tag; may be repeated'),
    note: text('--note <text>', 'notes'),
    seed: text('--seed <seed>', 'the random seed'),
    push: text('--push <remote>', 'push in the background (the setting push)')
  },
  examples: [
    ['run -- python train.py --lr 0.1', 'track a script'],
    ['run -e baseline -p lr=0.1 -- ./train.sh', 'with an experiment and a parameter'],
    ['run --key night-1 -- make train', 'start it again to continue the same run'],
    ['run -e sweep -t night -- make train', 'any command, with a tag']
  ],
  async run(context, { args, options }) {
    const command = args.command
    const missing = await whyNotStarted(context, command[0] as string)
    if (missing !== undefined) return sayNotStarted(context, command[0] as string, missing)
    const script = await findScript(context, command)
    const { folder } = await context.open()
    const started = await context.startRun(startOptions(context, command, script, folder, options))
    context.keepWithoutOutput()
    const end = await runTracked(context, started, command, folder)
    return endRun(context, started, command, end)
  }
})

function startOptions(
  context: Context,
  command: readonly string[],
  script: string | undefined,
  workspace: string,
  options: RunOptions
): StartRun {
  const outer = outerRun(context, options)
  const given = {
    project: outer?.project ?? context.project,
    experiment:
      outer?.experiment ?? options.experiment ?? scriptName(script ?? (command[0] as string)),
    parent: outer?.run,
    name: options.name,
    key: options.key,
    notes: options.note,
    push: options.push,
    seed: options.seed === undefined ? undefined : seedOf(options.seed)
  }
  return {
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined)
    ) as StartRun),
    workspace,
    params: parseAssignments(options.param),
    tags: options.tag,
    command,
    code: { folder: context.cwd(), entry: script ?? (command[0] as string) },
    quiet: context.quiet,
    signal: context.signal
  }
}

/** Returns the run that this command was started by, unless the user names another place. */
function outerRun(
  context: Context,
  options: RunOptions
): { readonly project: string; readonly experiment: string; readonly run: string } | undefined {
  const [project, experiment, run] = (context.env.RUNTREE_RUN ?? '').split('/')
  if (!project || !experiment || !run) return undefined
  const isElsewhere =
    (context.project ?? project) !== project || (options.experiment ?? experiment) !== experiment
  return isElsewhere ? undefined : { project, experiment, run }
}

function seedOf(text: string): number | string {
  const seed = parseTyped(text)
  return typeof seed === 'number' ? seed : text
}

/** Finds the file that a command runs: the first of its words that names one. */
async function findScript(
  context: Context,
  command: readonly string[]
): Promise<string | undefined> {
  for (const word of command) {
    if (word.startsWith('-')) continue
    const stat = await context.files.stat(context.files.resolve(word)).catch(() => undefined)
    if (stat?.kind === 'file' || stat?.kind === 'link') return word
  }
  return undefined
}

async function runTracked(
  context: Context,
  started: Run,
  command: readonly string[],
  workspace: string
): Promise<ProcessEnd> {
  const folder = await context.files.makeTemporaryFolder()
  const log = `${folder}/log.jsonl`
  await context.files.write(log, new Uint8Array(), { mode: 0o600 })
  const follower = followLog(context, started, log)
  const give = (lines: string): void => started.text(lines)
  const lines = { out: createOutputLines(give), err: createOutputLines(give) }
  const child = context.spawn(command, {
    env: {
      ...context.env,
      RUNTREE_LOG: log,
      RUNTREE_RUN: started.address,
      RUNTREE_HOME: workspace
    },
    onOutput: (chunk, from) => {
      lines[from].push(chunk)
      return (from === 'out' && !context.json ? context.out : context.err).write(chunk)
    }
  })
  // Ctrl-C on a terminal reaches the command by itself; a second copy would cut its clean-up short.
  let isFromTerminal = context.stdin.isTerminal || context.err.isTerminal
  const release = context.onStop((signal) => {
    if (signal !== 'SIGINT' || !isFromTerminal) child.kill(signal)
    else isFromTerminal = false
  })
  try {
    return await child.ended
  } finally {
    release()
    lines.out.end()
    lines.err.end()
    await follower.finish()
    await context.files.removeFolder(folder)
  }
}

async function endRun(
  context: Context,
  started: Run,
  command: readonly string[],
  end: ProcessEnd
): Promise<number> {
  const report = await started.end(runEndOf(command[0] as string, end))
  for (const problem of report.problems) warn(context, printable(problem))
  const status = statusOf(end)
  if (end.kind === 'not-started') {
    sayNotStarted(context, command[0] as string, end.code)
  }
  if (context.json) {
    await printJson(context, {
      address: report.address,
      status: report.status,
      exitStatus: status,
      ...(report.commitOid === undefined ? {} : { commitOid: report.commitOid }),
      problems: report.problems
    })
  }
  return status
}

function sayNotStarted(context: Context, program: string, code: string): number {
  warn(context, `${printable(program)} ${reasonOf(code)}.`)
  return statusOf({ kind: 'not-started', code })
}

function statusOf(end: ProcessEnd): number {
  if (end.kind === 'exit') return end.exitCode
  if (end.kind === 'signal') return SIGNAL_BASE + end.number
  return end.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE
}

function reasonOf(code: string): string {
  if (code === 'ENOENT') return 'was not found'
  return code === 'EACCES' ? 'is not executable' : `could not be started (${code})`
}

function runEndOf(command: string, end: ProcessEnd): RunEnd {
  if (end.kind === 'signal') return { signal: end.signal }
  if (end.kind === 'exit') return { exitCode: end.exitCode }
  const error = cliErrors.create('CLI_COMMAND_NOT_STARTED', { command, reason: reasonOf(end.code) })
  return { exitCode: statusOf(end), error }
}
