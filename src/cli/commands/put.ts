import { decodeStrictUtf8 } from '../../base/bytes.ts'
import { type ParsedObject, parseObjects } from '../../service/parse.ts'
import type { Workspace, WorkspaceTransaction } from '../../service/workspace.ts'
import { defineCommand, required, text } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { exitOf, sayReport, withTransfer } from '../exchange.ts'
import { EXIT } from '../failures.ts'
import { print, printJson } from '../print.ts'

/** `runtree put`. */
export const put = defineCommand({
  description:
    'Stores objects from a YAML or JSON file, or from standard input if the file is “-”. Each has ' +
    '“kind”, “address” (its own) or “in” (its parent’s), and its fields. The file is one map, a list ' +
    'of maps, or YAML documents divided by ---. What exists is changed: fields that are not given stay.' +
    '\n\nAll objects of a project are stored in one commit a branch, or none is; projects themselves ' +
    'come first, each by itself.\n\nWith --remote the experiments of the objects are pushed then; in ' +
    'the place of a file may stand the address of an object that is here already.',
  arguments: { file: required('a file, or - for standard input') },
  options: { remote: text('--remote <name>', 'push to this remote then') },
  examples: [
    ['put dataset.yaml', 'a dataset'],
    ['get k3f9 | runtree put -', 'the same record again'],
    ['put --project vision - < objects.json', 'several objects into a project'],
    ['put dataset.yaml --remote origin', 'here and at a remote'],
    ['put train/k3f9 --remote origin', 'what is here already']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const addresses = await storeFile(context, workspace, args.file, options.remote !== undefined)
    // What is stored is told also when the push fails.
    if (context.json) await printJson(context, addresses)
    else await print(context, addresses.join('\n'))
    return options.remote === undefined
      ? EXIT.done
      : pushAll(context, workspace, addresses, options.remote)
  }
})

/** Stores the objects of a file; what is the address of a stored object is left as it is. */
async function storeFile(
  context: Context,
  workspace: Workspace,
  file: string,
  mayBeAddress: boolean
): Promise<readonly string[]> {
  const isFile =
    file === '-' || (await context.files.stat(context.files.resolve(file))) !== undefined
  const stored = isFile || !mayBeAddress ? undefined : await workspace.resolve(file)
  if (stored !== undefined) return [stored.address]
  const objects = await parseObjects(await readText(context, file), {
    path: file === '-' ? 'standard input' : file
  })
  if (objects.length === 0)
    throw usageError(`There are no objects in ${file === '-' ? 'standard input' : file}.`)
  return storeObjects(workspace, objects)
}

/** Pushes the branches on which objects lie; returns the exit status. */
async function pushAll(
  context: Context,
  workspace: Workspace,
  addresses: readonly string[],
  remote: string
): Promise<number> {
  const byProject = new Map<string, Set<string>>()
  for (const address of addresses) {
    const [project = '', experiment] = address.split('/')
    const experiments = byProject.get(project) ?? new Set()
    byProject.set(project, experiments)
    if (experiment !== undefined && !MAIN_FOLDERS.includes(experiment)) experiments.add(experiment)
  }
  let status: number = EXIT.done
  for (const [project, experiments] of byProject) {
    await withTransfer(context, async (transfer) => {
      const request = { in: project, remote, experiments: [...experiments] }
      const report = await workspace.push({ ...request, ...transfer.options })
      sayReport(context, report, { direction: 'push', sentBytes: transfer.sentBytes() })
      status = Math.max(status, exitOf(report, 'push'))
    })
  }
  return status
}

/** What lies on no experiment's branch. */
const MAIN_FOLDERS = ['datasets', 'views']

async function readText(context: Context, file: string): Promise<string> {
  const text = file === '-' ? await context.stdin.text() : await readFileText(context, file)
  if (text !== undefined) return text.replace(/^\ufeff/, '')
  throw usageError(`${file === '-' ? 'Standard input' : file} is not UTF-8 text.`)
}

async function readFileText(context: Context, file: string): Promise<string | undefined> {
  if ((await context.files.stat(context.files.resolve(file)))?.kind === 'folder') {
    throw usageError(`${file} is a folder, not a file with objects.`)
  }
  const bytes = await context.files.read(context.files.resolve(file))
  if (bytes === undefined) throw cliErrors.create('CLI_FILE_MISSING', { path: file })
  return decodeStrictUtf8(bytes)
}

async function storeObjects(
  workspace: Workspace,
  objects: readonly ParsedObject[]
): Promise<string[]> {
  const addresses: string[] = []
  for (const object of objects) {
    if (object.kind !== 'project') continue
    const { address } = await workspace.projects.put(fieldsFor(object) as never)
    addresses.push(address)
  }
  const others = objects.filter(({ kind }) => kind !== 'project')
  if (others.length === 0) return addresses
  const stored = await workspace.transaction(async (transaction) => {
    const made: string[] = []
    for (const object of others) made.push(await storeObject(transaction, object))
    return made
  })
  return [...addresses, ...stored]
}

function storeObject(transaction: WorkspaceTransaction, object: ParsedObject): Promise<string> {
  return transaction.put(object.kind, fieldsFor(object) as never)
}

function fieldsFor({ id, in: parent, fields }: ParsedObject): object {
  return {
    ...fields,
    ...(id === undefined ? {} : { id }),
    ...(parent === undefined ? {} : { in: parent })
  }
}
