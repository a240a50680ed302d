import type { RemoteDescription, RemotePrefix } from '../../service/sync.ts'
import type { Workspace } from '../../service/workspace.ts'
import { defineCommand, optional, text } from '../command.ts'
import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { EXIT, FAILURES } from '../failures.ts'
import { formatPairs } from '../page.ts'
import { note, print, printJson } from '../print.ts'
import { printable } from '../printable.ts'
import { formatTable } from '../table.ts'

type Action = (call: {
  readonly context: Context
  readonly workspace: Workspace
  readonly names: readonly (string | undefined)[]
  readonly prefix: string | undefined
}) => Promise<number | undefined>

const PREFIXES: readonly RemotePrefix[] = ['refs/runtree/', 'runtree/']

/** `runtree remote`. */
export const remote = defineCommand({
  description:
    'Keeps the places that the current project is exchanged with: “add <name> <address>”, “ls”, “rm ' +
    '<name>”, “rename <name> <new name>”, and “info [name or address]”, which asks what is there and ' +
    'what may be done.\n\nA remote is a git repository of its own, or with --prefix the one that holds ' +
    'the code: refs/runtree/ keeps everything out of the way of ordinary clones, runtree/ puts it ' +
    'among the branches.',
  arguments: {
    action: optional('what to do (ls)', ['add', 'ls', 'rm', 'rename', 'info']),
    name: optional('the remote'),
    value: optional('its address, or its new name')
  },
  options: {
    prefix: text('--prefix <prefix>', 'where in the repository: refs/runtree/ or runtree/')
  },
  examples: [
    ['remote add origin https://git.example.org/team/vision.git', 'a repository of its own'],
    [
      'remote add origin git@git.example.org:team/code.git --prefix refs/runtree/',
      'beside the code'
    ],
    ['remote add usb /media/usb/vision.bundle', 'one file, for machines without a network'],
    ['remote info origin', 'what is there']
  ],
  async run(context, { args, options }) {
    const { action = 'ls', name, value } = args
    if (options.prefix !== undefined && action !== 'add') {
      throw usageError('--prefix is for runtree remote add.')
    }
    const workspace = await context.open()
    const names = [name, value]
    return (ACTIONS[action] as Action)({ context, workspace, names, prefix: options.prefix })
  }
})

const ACTIONS: { readonly [action: string]: Action } = {
  async add({ context, workspace, names, prefix = '' }) {
    const [name, address] = need(names, 2, 'add <name> <address>')
    const where = (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`) as RemotePrefix
    if (where !== '' && !PREFIXES.includes(where)) {
      throw usageError('The prefix is refs/runtree/ or runtree/.')
    }
    const added = await workspace.remotes.add(name, address, { prefix: where })
    if (context.json) return void (await printJson(context, added))
    note(context, `Added the remote ${added.name}: ${printable(added.url)}`)
    if (/^https?:\/\/[^/]*@/i.test(address)) {
      note(context, 'The password is not kept: git credential or RUNTREE_TOKEN gives it.')
    }
    note(context, `Look at it with: runtree remote info ${added.name}`)
    return undefined
  },

  async ls({ context, workspace, names }) {
    need(names, 0, 'ls')
    const remotes = await workspace.remotes.list()
    if (context.json) return void (await printJson(context, remotes))
    if (remotes.length === 0) {
      note(context, 'There are no remotes; runtree remote add <name> <address> adds one.')
      return undefined
    }
    const columns = [
      { title: 'remote', maxWidth: 63 },
      { title: 'address', minWidth: 30, maxWidth: 200 },
      { title: 'prefix', rank: 1 }
    ]
    const rows = remotes.map(({ name, url, prefix }) => [name, url, prefix])
    const { out, colors } = context
    await print(context, formatTable(columns, rows, { width: out.columns, colors }).text)
    return undefined
  },

  async rm({ context, workspace, names }) {
    const [name] = need(names, 1, 'rm <name>')
    await workspace.remotes.remove(name)
    if (context.json) return void (await printJson(context, name))
    note(context, `Forgot the remote ${name}; what lies there is untouched.`)
    return undefined
  },

  async rename({ context, workspace, names }) {
    const [from, to] = need(names, 2, 'rename <name> <new name>')
    await workspace.remotes.rename(from, to)
    if (context.json) return void (await printJson(context, to))
    note(context, `The remote ${from} is now ${to}.`)
    return undefined
  },

  async info({ context, workspace, names }) {
    if (names[1] !== undefined) need(names, 1, 'info [name or address]')
    const which = names[0] ?? (await onlyRemote(workspace))
    const info = await workspace.remotes.info(which, { signal: context.signal })
    if (context.json) await printJson(context, info)
    else await print(context, formatInfo(context, info))
    return info.mayRead ? EXIT.done : statusOf(info)
  }
}

/** Returns the words behind an action. @throws CLI_USAGE if there are others than it takes. */
function need(
  names: readonly (string | undefined)[],
  count: 0 | 1 | 2,
  form: string
): readonly [string, string] {
  const given = names.filter((name) => name !== undefined)
  if (given.length !== count) throw usageError(`It is called as runtree remote ${form}.`)
  return given as unknown as readonly [string, string]
}

async function onlyRemote(workspace: Workspace): Promise<string> {
  const remotes = await workspace.remotes.list()
  return remotes.length === 1 ? (remotes[0]?.name as string) : 'origin'
}

function statusOf({ problems }: RemoteDescription): number {
  return FAILURES[problems[0]?.code ?? '']?.status ?? EXIT.failed
}

function formatInfo(context: Context, info: RemoteDescription): string {
  const { colors } = context
  const yesNo = (yes: boolean): string => (yes ? colors.green('yes') : colors.red('no'))
  const hints = info.problems.map(({ code }) => FAILURES[code]?.hint)
  return formatPairs(context, [
    ['address', printable(info.url)],
    ['kind', KINDS[info.kind] ?? info.kind],
    ['reachable', yesNo(info.isReachable)],
    ['may be read', yesNo(info.mayRead)],
    ['may be written', yesNo(info.mayPush)],
    ['problem', info.problems.map(({ message }) => printable(message)).join('\n')],
    ['hint', [...new Set(hints)].filter((hint) => hint !== undefined).join('\n')],
    ['holds', info.mayRead ? contentOf(info) : undefined],
    ['prefix', info.prefix],
    ['default branch', info.defaultBranch && printable(info.defaultBranch)],
    ['experiments', info.experiments.map(printable).join(', ')],
    ['capabilities', info.capabilities.map(printable).join(' ')]
  ])
}

const KINDS: { readonly [kind: string]: string } = {
  http: 'a git server behind a web server',
  ssh: 'a git repository behind ssh',
  folder: 'a git repository in a folder',
  bundle: 'a bundle file'
}

function contentOf(info: RemoteDescription): string {
  if (info.isProject) return 'a project'
  if (info.isProject === undefined) return 'a branch main, of a project or of something else'
  return info.isEmpty ? 'nothing yet' : 'a repository that is no project'
}
