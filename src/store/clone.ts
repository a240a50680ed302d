import { RUN_ID_LENGTH, randomId } from '../base/ids.ts'
import { MAIN_REF } from '../format/paths.ts'
import type { Oid } from '../git/objects.ts'
import { initRepository } from '../git/repository.ts'
import type { ProjectRecord } from '../model/records.ts'
import { slugOf } from '../model/slug.ts'
import { moveIntoPlace } from './create-project.ts'
import { storeErrors } from './errors.ts'
import { openHostRepository } from './host.ts'
import { ProjectStore } from './project-store.ts'
import { type PullOptions, type PullReport, pull } from './pull.ts'
import { remoteRefOf } from './ref-map.ts'
import {
  listRemotes,
  type RemotePrefix,
  type RemoteSettings,
  writeRemote
} from './remote-config.ts'
import type { RemoteLink } from './remote-link.ts'
import { makeWorkspace } from './workspace-folder.ts'
import type { WorkspaceStore } from './workspace-store.ts'

/** A project that was brought from a remote. */
export interface ClonedProject extends PullReport {
  readonly store: ProjectStore
  readonly remote: RemoteSettings
  /** Whether it was here before: then it was only brought up to date. */
  readonly wasHere: boolean
}

/** Finds out from a remote's refs under which prefix a project lies there. */
export function findPrefix(refs: ReadonlyMap<string, Oid>): RemotePrefix {
  const prefixes: readonly RemotePrefix[] = ['refs/runtree/', 'runtree/']
  return prefixes.find((prefix) => refs.has(remoteRefOf(prefix, MAIN_REF))) ?? ''
}

/**
 * Brings a project into a workspace. One that is here already, by its id, gets the remote and what is
 * new there.
 *
 * @throws STORE_NOT_A_PROJECT_THERE
 */
export async function cloneProject(
  workspace: WorkspaceStore,
  openLink: (store: ProjectStore) => Promise<RemoteLink>,
  options: PullOptions & { readonly name?: string } = {}
): Promise<ClonedProject> {
  const { files, platform } = workspace.host
  await makeWorkspace(files, workspace.folder)
  const temporary = `${workspace.folder}/clone.new-${randomId(platform.random, RUN_ID_LENGTH)}`
  try {
    await initRepository(files, temporary)
    const repository = await openHostRepository(workspace.host, temporary)
    const fresh = ProjectStore.forNew(workspace.host, repository, '')
    const { remote, report } = await bringAll(fresh, await openLink(fresh), options)
    const main = await fresh.view(MAIN_REF)
    const project = await main?.record<'project'>({ kind: 'project' })
    await fresh.close()
    if (project === undefined) {
      const isEmpty = report.synced.length === 0
      const { name, url } = remote
      throw storeErrors.create('STORE_NOT_A_PROJECT_THERE', { remote: name, url, isEmpty })
    }
    const known = await findById(workspace, project.id)
    if (known !== undefined) return bringUpToDate(known, remote, await openLink(known), options)
    await writeRemote(fresh, remote)
    const store = await place(workspace, temporary, project, options.name)
    return { store, remote, wasHere: false, ...report }
  } finally {
    await files.removeFolder(temporary, { recursive: true })
  }
}

async function bringAll(
  store: ProjectStore,
  link: RemoteLink,
  options: PullOptions
): Promise<{ readonly remote: RemoteSettings; readonly report: PullReport }> {
  try {
    const remote = { name: 'origin', url: link.url, prefix: findPrefix(await link.refs()) }
    return { remote, report: await pull(store, remote, link, options) }
  } finally {
    await link.close()
  }
}

async function findById(workspace: WorkspaceStore, id: string): Promise<ProjectStore | undefined> {
  for (const slug of await workspace.projects()) {
    const store = await workspace.project(slug).catch(() => undefined)
    const main = await store?.view(MAIN_REF)
    const record = await main?.record<'project'>({ kind: 'project' }).catch(() => undefined)
    if (record?.id === id) return store
  }
  return undefined
}

async function bringUpToDate(
  store: ProjectStore,
  wanted: RemoteSettings,
  link: RemoteLink,
  options: PullOptions
): Promise<ClonedProject> {
  const remotes = await listRemotes(store)
  const known = remotes.find(({ url, prefix }) => url === wanted.url && prefix === wanted.prefix)
  const remote = known ?? { ...wanted, name: freeName(remotes) }
  if (known === undefined) await writeRemote(store, remote)
  try {
    return { store, remote, wasHere: true, ...(await pull(store, remote, link, options)) }
  } finally {
    await link.close()
  }
}

function freeName(remotes: readonly RemoteSettings[]): string {
  const taken = new Set(remotes.map(({ name }) => name))
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'origin' : `origin-${number}`
    if (!taken.has(name)) return name
  }
}

/** Moves the repository to the place of its name, or of its name and part of its id. */
async function place(
  workspace: WorkspaceStore,
  temporary: string,
  project: ProjectRecord,
  name: string | undefined
): Promise<ProjectStore> {
  const { host } = workspace
  const slug = slugOf(name ?? project.name, host.platform.hash)
  const candidates =
    name === undefined ? [slug, `${slug.slice(0, 58)}-${project.id.slice(0, 4)}`] : [slug]
  for (const candidate of candidates) {
    if (await moveIntoPlace(host, temporary, workspace.folderOf(candidate))) {
      return (await workspace.project(candidate)) as ProjectStore
    }
  }
  throw storeErrors.create('STORE_EXISTS', { address: slug, kind: 'project' })
}
