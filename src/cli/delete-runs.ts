import { reasonOf } from '../base/errors.ts'
import type { StoredObject } from '../service/objects.ts'
import type { DeleteReport, RemoteDeletion, Workspace } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { withTransfer } from './exchange.ts'
import { createPause } from './pause.ts'

/** Where many runs are deleted. */
export interface DeleteChoice {
  /** Push what was deleted. */
  readonly everywhere: boolean
  /** To this remote only. Default: every remote of the project. */
  readonly remote?: string | undefined
}

/** A run with what became of it. */
export interface DeletedRun extends DeleteReport {
  readonly kind: 'run'
  readonly address: string
}

/** Deletes runs, each with its child runs: one commit an experiment, then one push a remote. */
export async function deleteRuns(
  context: Context,
  workspace: Workspace,
  runs: readonly StoredObject<'run'>[],
  choice: DeleteChoice
): Promise<readonly DeletedRun[]> {
  const deleted: DeletedRun[] = []
  for (const project of new Set(runs.map((run) => run.project))) {
    const own = runs.filter((run) => run.project === project)
    const pause = createPause(context)
    await workspace.transaction(async (transaction) => {
      for (const { address } of own) {
        await pause()
        await transaction.delete('run', address)
      }
    })
    const experiments = [...new Set(own.map(({ key }) => key.experiment))]
    const remote = choice.everywhere
      ? await pushDeletions(context, workspace, project, experiments, choice.remote)
      : new Map<string, readonly RemoteDeletion[]>()
    for (const { address, key } of own) {
      deleted.push({
        kind: 'run',
        address,
        local: true,
        remote: remote.get(key.experiment) ?? []
      })
    }
  }
  return deleted
}

/** Pushes experiments to remotes; tells for each experiment what that came to. */
async function pushDeletions(
  context: Context,
  workspace: Workspace,
  project: string,
  experiments: readonly string[],
  remote: string | undefined
): Promise<ReadonlyMap<string, readonly RemoteDeletion[]>> {
  const known = await workspace.remotes.list({ in: project })
  const names = remote === undefined ? known.map(({ name }) => name) : [remote]
  const all = new Map<string, RemoteDeletion[]>(experiments.map((each) => [each, []]))
  for (const name of names) {
    const statuses = await pushTo(context, workspace, project, experiments, name)
    for (const [experiment, outcome] of statuses) {
      const ref = `refs/heads/experiments/${experiment}`
      all.get(experiment)?.push({ remote: name, ref, ...outcome })
    }
  }
  return all
}

type Outcome = Pick<RemoteDeletion, 'status' | 'reason'>

const TAKEN = ['new', 'updated', 'merged', 'unchanged']

async function pushTo(
  context: Context,
  workspace: Workspace,
  project: string,
  experiments: readonly string[],
  remote: string
): Promise<ReadonlyMap<string, Outcome>> {
  const asking = { in: project, remote, experiments }
  try {
    const { refs } = await withTransfer(context, ({ options }) =>
      workspace.push({ ...asking, ...options })
    )
    return new Map(
      experiments.map((experiment): [string, Outcome] => {
        const pushed = refs.find((each) => each.experiment === experiment)
        if (TAKEN.includes(pushed?.status ?? '')) return [experiment, { status: 'deleted' }]
        const reason = pushed?.reason ?? pushed?.status ?? 'it was not pushed'
        return [experiment, { status: 'rejected', reason }]
      })
    )
  } catch (error) {
    if (context.signal.aborted) throw error
    const outcome: Outcome = { status: 'failed', reason: reasonOf(error) }
    return new Map(experiments.map((experiment) => [experiment, outcome]))
  }
}
