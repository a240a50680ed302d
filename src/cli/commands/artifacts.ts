import type { ArtifactEntry, Workspace } from '../../service/workspace.ts'
import { chooseRun, ONE_RUN } from '../choose-runs.ts'
import { defineCommand, flag, optional, required, text } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { collect } from '../find.ts'
import { createPause } from '../pause.ts'
import { note, print, printJson } from '../print.ts'
import { printable } from '../printable.ts'
import { formatArtifacts } from '../run-parts.ts'
import { leftIn, safeName, writeInto } from '../target-folder.ts'
import { formatCount } from '../values.ts'

interface GetOptions {
  readonly output: string | undefined
  readonly force: boolean
}

/** `runtree artifacts`. */
export const artifacts = defineCommand({
  description:
    'Lists the artifacts of a run, or fetches them. “get” with a path writes that artifact to a file ' +
    'of its name, to --output, or to standard output if that is “-”; without a path it writes all of ' +
    'them into the folder --output, by default one with the name of the run.',
  arguments: {
    action: required('what to do', ['ls', 'get']),
    run: optional('the run; with --filter, where it is searched'),
    path: optional('the path of one artifact')
  },
  options: {
    output: text('-o, --output <path>', 'where to write; - for standard output'),
    force: flag('--force', 'write over what is there'),
    ...ONE_RUN
  },
  examples: [
    ['artifacts ls k3f9', 'what there is'],
    ['artifacts get k3f9 model.bin', 'fetch one into the current folder'],
    ['artifacts get k3f9 notes.md -o - | less', 'read one'],
    ['artifacts get k3f9 -o k3f9/', 'fetch all'],
    ['artifacts get train model.bin -f "lr = 0.1" -s loss', 'one of the best of some runs']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const run = await chooseRun(context, workspace, { in: args.run, ...options })
    const entries = await collect(context, () => workspace.artifacts.list(run.address))
    const chosen = args.path === undefined ? entries : entries.filter((e) => e.path === args.path)
    if (args.path !== undefined && chosen.length === 0) {
      throw cliErrors.create('CLI_NOT_FOUND', { address: `${run.address}/artifacts/${args.path}` })
    }
    if (args.action === 'ls') return list(context, chosen)
    return args.path === undefined
      ? getAll(context, workspace, chosen, options, run.id)
      : getOne(context, workspace, chosen[0] as ArtifactEntry, options)
  }
})

async function list(context: Context, entries: readonly ArtifactEntry[]): Promise<undefined> {
  if (context.json) return void (await printJson(context, entries))
  if (entries.length === 0) note(context, 'The run has no artifacts.')
  else await print(context, formatArtifacts(context, entries).replace(/^ {2}/gm, ''))
}

async function getOne(
  context: Context,
  workspace: Workspace,
  entry: ArtifactEntry,
  options: GetOptions
): Promise<undefined> {
  const bytes = await contentOf(workspace, entry)
  if (options.output === '-') return void (await context.out.write(bytes))
  const name = options.output ?? safeName(entry.path.slice(entry.path.lastIndexOf('/') + 1))
  const path = context.files.resolve(name)
  const found = await context.files.stat(path)
  if (!options.force && found !== undefined) {
    throw usageError(`The file ${name} is there already; --force writes over it.`)
  }
  // Whoever named a link wants what it leads to; one that bears the artifact's name by chance is replaced.
  if (options.output === undefined && found?.kind === 'link') await context.files.remove(path)
  await context.files.write(path, bytes)
  if (context.json) await printJson(context, { ...entry, file: path })
  else note(context, `Wrote ${name}.`)
  return undefined
}

async function getAll(
  context: Context,
  workspace: Workspace,
  entries: readonly ArtifactEntry[],
  options: GetOptions,
  runId: string
): Promise<undefined> {
  if (options.output === '-') throw usageError('Name one artifact to print it.')
  if (entries.length === 0 && !context.json) {
    note(context, 'The run has no artifacts.')
    return undefined
  }
  const folder = options.output ?? runId
  const pause = createPause(context)
  let count = 0
  const onLeft = leftIn(context, folder)
  await writeInto(context.files, folder, { force: options.force, onLeft }, async (target) => {
    for (const entry of entries) {
      await pause()
      if (!entry.present) {
        const place = entry.uri ? `: ${printable(entry.uri)}` : '.'
        note(context, `${printable(entry.path)} is not here${place}`)
        continue
      }
      await target.write(entry.path.split('/'), await contentOf(workspace, entry))
      count++
    }
  })
  if (context.json)
    await printJson(context, { folder: context.files.resolve(folder), files: count })
  else note(context, `Wrote ${formatCount(count, 'file')} to ${folder}.`)
  return undefined
}

async function contentOf(workspace: Workspace, entry: ArtifactEntry): Promise<Uint8Array> {
  const bytes = await workspace.artifacts.read(entry.address)
  if (bytes !== undefined) return bytes
  throw cliErrors.create('CLI_CONTENT_ELSEWHERE', {
    path: entry.path,
    ...(entry.uri === undefined ? {} : { uri: entry.uri })
  })
}
