import { isRunId, isRunPrefix } from '../model/identifier.ts'
import type { ProjectRecord } from '../model/records.ts'
import { storeErrors } from '../store/errors.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { WorkspaceStore } from '../store/workspace-store.ts'
import type { RunNames } from './run-plan.ts'

/** A project, opened for a run. */
export interface RunHome {
  readonly workspace: WorkspaceStore
  readonly store: ProjectStore
  readonly project: ProjectRecord
}

/** Finds or makes a run's project. */
export async function openHome(
  opening: Promise<WorkspaceStore>,
  { name, codeFolder }: RunNames['project']
): Promise<RunHome> {
  const workspace = await opening
  const store = await workspace.ensure(name, codeFolder === undefined ? {} : { codeFolder })
  const main = await store.viewOf({ kind: 'project' })
  const project = await main?.record<'project'>({ kind: 'project' })
  if (project === undefined) {
    throw storeErrors.create('STORE_NOT_A_PROJECT', { folder: store.folder })
  }
  return { workspace, store, project }
}

/**
 * Returns the id of a run's parent, given by address, id or abbreviated id.
 *
 * @throws STORE_NOT_FOUND, STORE_AMBIGUOUS for an abbreviation.
 */
export async function findParent(
  home: RunHome | undefined,
  experiment: string,
  address: string
): Promise<string | undefined> {
  const segments = address.split('/')
  const prefix = segments.at(-1) as string
  if (isRunId(prefix)) return prefix
  const kind = 'run'
  if (!isRunPrefix(prefix)) throw storeErrors.create('STORE_NOT_FOUND', { kind, address })
  if (home === undefined) return undefined
  const place = segments.length > 1 ? (segments.at(-2) as string) : experiment
  const view = await home.store.viewOf({ kind: 'experiment', experiment: place })
  const folder = `experiments/${place}/runs/${prefix[0]}/${prefix[1]}`
  const names = ((await view?.folder(folder)) ?? []).map(({ name }) => name)
  const candidates = names.filter((name) => name.startsWith(prefix))
  if (candidates.length > 1) throw storeErrors.create('STORE_AMBIGUOUS', { address, candidates })
  if (candidates[0] === undefined) throw storeErrors.create('STORE_NOT_FOUND', { kind, address })
  return candidates[0]
}
