import type { DeleteReport, RemoteDeletion, Workspace } from '../../service/workspace.ts'
import { chooseRuns, MANY_RUNS, type RunChoice } from '../choose-runs.ts'
import { defineCommand, flag, text, texts, variadic } from '../command.ts'
import type { Context } from '../context.ts'
import { deleteRuns } from '../delete-runs.ts'
import { cliErrors, usageError } from '../errors.ts'
import { nameOfRef, withTransfer } from '../exchange.ts'
import { EXIT } from '../failures.ts'
import { type Kind, resolveAddress } from '../find.ts'
import { note, printJson, warn } from '../print.ts'
import { printable } from '../printable.ts'
import { formatCount } from '../values.ts'

interface Target {
  readonly kind: Kind
  readonly address: string
}

interface Deletion extends Target, DeleteReport {}

type Mode = 'local' | 'remote' | 'all'

const MODES: readonly string[] = ['local', 'remote', 'all']

/** `runtree rm`. */
export const rm = defineCommand({
  description:
    'Deletes objects and everything below them. runtree restore brings them back: objects inside an ' +
    'experiment stay in its history, experiments and projects are kept for 30 days. Experiments and ' +
    'projects are deleted after a question, or with --yes; so are the runs of a --filter, in one commit an ' +
    'experiment.\n\n--mode says where: local, here; remote, at ' +
    'the remotes, or at the one of --remote; all, both. Inside an experiment there is one history, so ' +
    'what is deleted there goes with the next push, and at once with --mode all. Ends with status 1 if ' +
    'a remote did not delete.',
  arguments: { addresses: variadic('what to delete; with --filter, where the runs are searched') },
  options: {
    yes: flag('-y, --yes', 'do not ask'),
    mode: text('--mode <where>', 'local, remote or all (local)'),
    remote: text('--remote <name>', 'only at this remote (all)'),
    force: flag('--force', 'delete a project that has no copy elsewhere'),
    ...MANY_RUNS,
    filter: texts('--filter <filter>', 'all runs below the addresses that pass; may be repeated')
  },
  examples: [
    ['rm k3f9 m7t2', 'two runs'],
    ['rm train --filter "status = failed and started < now - 30d"', 'all runs that pass'],
    ['rm train --yes', 'an experiment with all its runs'],
    ['rm train --mode all', 'here and at all remotes'],
    ['rm train --mode remote --remote origin', 'there alone'],
    ['restore train', 'and bring it back']
  ],
  async run(context, { args, options }) {
    const mode = readMode(options)
    const workspace = await context.open()
    if (options.filter.length > 0) return rmRuns(context, workspace, args.addresses, options, mode)
    if (options.sort.length > 0 || options.limit !== undefined) {
      throw usageError('--sort and --limit are for the runs of a --filter.')
    }
    if (args.addresses.length === 0) throw usageError('Name what to delete.')
    const targets: Target[] = []
    for (const address of args.addresses) targets.push(await resolveAddress(workspace, address))
    const large = targets.filter(({ kind }) => kind === 'experiment' || kind === 'project')
    const what = large.map(({ kind, address }) => `the ${kind} ${address}`).join(' and ')
    if (large.length > 0 && !options.yes) await askFor(context, what, mode)
    const deletions: Deletion[] = []
    await withTransfer(context, async (transfer) => {
      for (const target of targets) {
        const report = await workspace.delete(target.address, {
          mode,
          force: options.force,
          ...(options.remote === undefined ? {} : { remote: options.remote }),
          ...transfer.options
        })
        deletions.push({ ...target, ...report })
        sayDeletion(context, target, report)
      }
    })
    if (context.json) await printJson(context, deletions)
    const isDone = deletions.every(({ remote }) => remote.every(isGone))
    return isDone ? EXIT.done : EXIT.failed
  }
})

interface RmOptions extends Pick<RunChoice, 'filter' | 'sort' | 'limit'> {
  readonly yes: boolean
  readonly remote: string | undefined
}

/** Deletes all runs that pass a filter, once somebody has agreed to how many. */
async function rmRuns(
  context: Context,
  workspace: Workspace,
  addresses: readonly string[],
  options: RmOptions,
  mode: Mode
): Promise<number> {
  if (mode === 'remote') {
    throw usageError('Runs are deleted with --mode local or all: here and there is one history.')
  }
  const { filter, sort, limit } = options
  if (addresses.length > 1) throw usageError('With --filter, name one address to search below.')
  const [address] = addresses
  const runs = await chooseRuns(context, workspace, { in: address, filter, sort, limit })
  if (runs.length > 0 && !options.yes) {
    const names = [...new Set(runs.map(({ project, key }) => `${project}/${key.experiment}`))]
    const place = names.length === 1 ? names[0] : formatCount(names.length, 'experiment')
    await askFor(context, `${formatCount(runs.length, 'run')} of ${place}`, mode)
  }
  const everywhere = mode === 'all'
  const deleted = await deleteRuns(context, workspace, runs, { everywhere, remote: options.remote })
  if (context.json) await printJson(context, deleted)
  else if (runs.length === 0) note(context, 'No such runs.')
  else note(context, `Deleted ${formatCount(runs.length, 'run')}.`)
  const missed = new Map<string, RemoteDeletion>()
  for (const { remote } of deleted) {
    for (const each of remote) if (!isGone(each)) missed.set(`${each.remote} ${each.ref}`, each)
  }
  for (const { remote, ref, reason = 'unknown' } of missed.values()) {
    warn(context, printable(`${ref} at ${remote} has them still: ${reason.replace(/\.$/, '')}.`))
  }
  return missed.size === 0 ? EXIT.done : EXIT.failed
}

function readMode(options: {
  readonly mode: string | undefined
  readonly remote: string | undefined
}): Mode {
  const { mode = 'local' } = options
  if (!MODES.includes(mode)) throw usageError(`--mode is local, remote or all, not ${mode}.`)
  if (options.remote !== undefined && mode === 'local') {
    throw usageError('--remote needs --mode remote or --mode all.')
  }
  return mode as Mode
}

function isGone({ status }: RemoteDeletion): boolean {
  return status === 'deleted' || status === 'absent'
}

function sayDeletion(context: Context, { kind, address }: Target, report: DeleteReport): void {
  if (report.local) note(context, `Deleted the ${kind} ${address}.`)
  for (const each of report.remote) {
    const what = `${nameOf(kind, address, each)} at ${each.remote}`
    if (each.status === 'deleted') note(context, `Deleted ${printable(what)}.`)
    else if (each.status === 'absent') note(context, `There was no ${printable(what)}.`)
    else {
      const reason = each.reason ?? each.status
      warn(context, printable(`${what} was not deleted: ${reason.replace(/\.$/, '')}.`))
    }
  }
}

/** Names what was to be deleted at a remote: of an experiment its branch, or its copy in `main`. */
function nameOf(kind: Kind, address: string, each: RemoteDeletion): string {
  if (kind === 'project') return nameOfRef(each)
  if (kind !== 'experiment') return `the ${kind} ${address}`
  const isBranch = each.ref !== 'refs/heads/main'
  return isBranch ? `the branch of ${address}` : `the published copy of ${address}`
}

const WHERE: { readonly [M in Mode]: string } = {
  local: '',
  remote: ' at the remotes',
  all: ' here and at the remotes'
}

async function askFor(context: Context, what: string, mode: Mode): Promise<void> {
  if (!context.stdin.isTerminal) {
    throw usageError(`Deleting ${what} needs --yes when nobody can be asked.`)
  }
  const answer = await context.stdin.ask(
    `Delete ${what} and everything below${WHERE[mode]}? [y/N] `
  )
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw cliErrors.create('CLI_CANCELLED', { what: `${what} stays` })
  }
}
