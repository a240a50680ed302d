import type { DeleteReport, RemoteDeletion } from '../../service/workspace.ts'
import { defineCommand, flag, many, text } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { nameOfRef, withTransfer } from '../exchange.ts'
import { EXIT } from '../failures.ts'
import { type Kind, resolveAddress } from '../find.ts'
import { note, printJson, warn } from '../print.ts'
import { printable } from '../printable.ts'

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
    'projects are deleted after a question, or with --yes.\n\n--mode says where: local, here; remote, at ' +
    'the remotes, or at the one of --remote; all, both. Inside an experiment there is one history, so ' +
    'what is deleted there goes with the next push, and at once with --mode all. Ends with status 1 if ' +
    'a remote did not delete.',
  arguments: { addresses: many('what to delete') },
  options: {
    yes: flag('-y, --yes', 'do not ask'),
    mode: text('--mode <where>', 'local, remote or all (local)'),
    remote: text('--remote <name>', 'only at this remote (all)'),
    force: flag('--force', 'delete a project that has no copy elsewhere')
  },
  examples: [
    ['rm k3f9 m7t2', 'two runs'],
    ['rm train --yes', 'an experiment with all its runs'],
    ['rm train --mode all', 'here and at all remotes'],
    ['rm train --mode remote --remote origin', 'there alone'],
    ['restore train', 'and bring it back']
  ],
  async run(context, { args, options }) {
    const mode = readMode(options)
    const workspace = await context.open()
    const targets: Target[] = []
    for (const address of args.addresses) targets.push(await resolveAddress(workspace, address))
    const large = targets.filter(({ kind }) => kind === 'experiment' || kind === 'project')
    if (large.length > 0 && !options.yes) await askFor(context, large, mode)
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

async function askFor(context: Context, targets: readonly Target[], mode: Mode): Promise<void> {
  const what = targets.map(({ kind, address }) => `the ${kind} ${address}`).join(' and ')
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
