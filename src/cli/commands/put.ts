import { decodeStrictUtf8 } from '../../base/bytes.ts'
import { type ParsedObject, parseObjects } from '../../service/parse.ts'
import type { Workspace, WorkspaceTransaction } from '../../service/workspace.ts'
import { defineCommand, required } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { print, printJson } from '../print.ts'

/** `runtree put`. */
export const put = defineCommand({
  description:
    'Stores objects from a YAML or JSON file, or from standard input if the file is “-”. Each has ' +
    '“kind”, “address” (its own) or “in” (its parent’s), and its fields. The file is one map, a list ' +
    'of maps, or YAML documents divided by ---. What exists is changed: fields that are not given stay.' +
    '\n\nAll objects of a project are stored in one commit a branch, or none is; projects themselves ' +
    'come first, each by itself.',
  arguments: { file: required('a file, or - for standard input') },
  options: {},
  examples: [
    ['put dataset.yaml', 'a dataset'],
    ['get k3f9 | runtree put -', 'the same record again'],
    ['put --project vision - < objects.json', 'several objects into a project']
  ],
  async run(context, { args }) {
    const objects = parseObjects(await readText(context, args.file), {
      path: args.file === '-' ? 'standard input' : args.file
    })
    if (objects.length === 0) throw usageError(`There are no objects in ${args.file}.`)
    const addresses = await storeObjects(await context.open(), objects)
    if (context.json) return void (await printJson(context, addresses))
    await print(context, addresses.join('\n'))
    return undefined
  }
})

async function readText(context: Context, file: string): Promise<string> {
  if (file === '-') return context.stdin.text()
  const bytes = await context.files.read(context.files.resolve(file))
  if (bytes === undefined) throw cliErrors.create('CLI_FILE_MISSING', { path: file })
  const text = decodeStrictUtf8(bytes)
  if (text === undefined) throw usageError(`${file} is not UTF-8 text.`)
  return text.replace(/^\ufeff/, '')
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
