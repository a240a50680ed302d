import type { Workspace } from '../../service/workspace.ts'
import { defineCommand, flag, many } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { type Kind, resolveAddress } from '../find.ts'
import { note, printJson } from '../print.ts'

interface Target {
  readonly kind: Kind
  readonly address: string
}

/** `runtree rm`. */
export const rm = defineCommand({
  description:
    'Deletes objects and everything below them. runtree restore brings them back: objects inside an ' +
    'experiment stay in its history, experiments and projects are kept for 30 days. Experiments and ' +
    'projects are deleted after a question, or with --yes.',
  arguments: { addresses: many('what to delete') },
  options: {
    yes: flag('-y, --yes', 'do not ask'),
    force: flag('--force', 'delete a project that has no copy elsewhere')
  },
  examples: [
    ['rm k3f9 m7t2', 'two runs'],
    ['rm train --yes', 'an experiment with all its runs'],
    ['restore train', 'and bring it back']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const targets: Target[] = []
    for (const address of args.addresses) targets.push(await resolveAddress(workspace, address))
    const large = targets.filter(({ kind }) => kind === 'experiment' || kind === 'project')
    if (large.length > 0 && !options.yes) await askFor(context, large)
    const deleted: string[] = []
    for (const { kind, address } of targets) {
      if (await deleteOne(context, workspace, address, options.force)) deleted.push(address)
      note(context, `Deleted the ${kind} ${address}.`)
    }
    if (context.json) await printJson(context, deleted)
    return undefined
  }
})

async function deleteOne(
  context: Context,
  workspace: Workspace,
  address: string,
  force: boolean
): Promise<boolean> {
  return (await workspace.delete(address, { force, signal: context.signal })).local
}

async function askFor(context: Context, targets: readonly Target[]): Promise<void> {
  const what = targets.map(({ kind, address }) => `the ${kind} ${address}`).join(' and ')
  if (!context.stdin.isTerminal) {
    throw usageError(`Deleting ${what} needs --yes when nobody can be asked.`)
  }
  const answer = await context.stdin.ask(`Delete ${what} and everything below? [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw cliErrors.create('CLI_CANCELLED', { what: `${what} stays` })
  }
}
