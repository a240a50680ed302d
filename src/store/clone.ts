import { RUN_ID_LENGTH, randomId } from '../base/ids.ts'
import { experimentOfRef, MAIN_REF } from '../format/paths.ts'
import type { Oid } from '../git/objects.ts'
import { initRepository } from '../git/repository.ts'
import type { ProjectRecord } from '../model/records.ts'
import { slugOf } from '../model/slug.ts'
import { moveIntoPlace } from './create-project.ts'
import { storeErrors } from './errors.ts'
import { openHostRepository } from './host.ts'
import { ProjectStore } from './project-store.ts'
import { type PullOptions, type PullReport, pull } from './pull.ts'
import { projectRefOf, remoteRefOf } from './ref-map.ts'
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
  /** Wishes that the remote could not fulfil, or that a project that was here does not heed. */
  readonly ignored: readonly ('depth' | 'partial')[]
}

/** What is cloned. */
export interface CloneOptions extends PullOptions {
  /** What the project is called here. Default: its name. */
  readonly name?: string
  /** What to leave at the remote until it is looked at, as git's filters say it. Default: nothing. */
  readonly partial?: string
  /** Chooses among the experiments there; `undefined` for all. Default: `experiments`. */
  readonly choose?: (slugs: readonly string[]) => readonly string[] | undefined
  /** Lets a project ask its remote for what was left there. */
  readonly connect: (store: ProjectStore) => void
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
  options: CloneOptions
): Promise<ClonedProject> {
  const { files, platform } = workspace.host
  workspace.host.runReader?.start()
  await makeWorkspace(files, workspace.folder)
  const temporary = `${workspace.folder}/clone.new-${randomId(platform.random, RUN_ID_LENGTH)}`
  try {
    await initRepository(files, temporary)
    const repository = await openHostRepository(workspace.host, temporary)
    const fresh = ProjectStore.forNew(workspace.host, repository, '')
    const { remote, report, ignored } = await bringAll(fresh, await openLink(fresh), options)
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
    const store = await place(workspace, temporary, project, options.name)
    // What has just come need not be read anew in the place that it was moved to.
    store.repository.storage.folders.own.packs.takeAll(repository.storage.folders.own.packs)
    return { store, remote, wasHere: false, ignored, ...report }
  } finally {
    await files.removeFolder(temporary, { recursive: true })
  }
}

async function bringAll(
  store: ProjectStore,
  link: RemoteLink,
  options: CloneOptions
): Promise<Pick<ClonedProject, 'remote' | 'ignored'> & { readonly report: PullReport }> {
  try {
    const refs = await link.refs()
    const prefix = findPrefix(refs)
    const slugs = [...refs.keys()].flatMap((ref) => {
      return experimentOfRef(projectRefOf(prefix, ref) ?? '') ?? []
    })
    const { choose, ...rest } = options
    const experiments = choose?.(slugs) ?? options.experiments
    const { partial, depth } = options
    const can = partial === undefined && depth === undefined ? undefined : await link.canLimit()
    const ignored = wishesOf(options).filter((wish) => !can?.[wish])
    const isPartial = partial !== undefined && !ignored.includes('partial')
    const remote = { name: 'origin', url: link.url, prefix, ...(isPartial ? { partial } : {}) }
    // Before anything is left there, it must be known whom to ask for it.
    await writeRemote(store, remote)
    store.repository.promised.isPartial = isPartial
    options.connect(store)
    return {
      remote,
      ignored,
      report: await pull(store, remote, link, {
        ...rest,
        advertised: refs,
        ...(experiments === undefined ? {} : { experiments })
      })
    }
  } finally {
    await link.close()
  }
}

function wishesOf(options: CloneOptions): readonly ('depth' | 'partial')[] {
  return (['depth', 'partial'] as const).filter((wish) => options[wish] !== undefined)
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
  { partial: _, ...wanted }: RemoteSettings,
  link: RemoteLink,
  { depth, ...options }: CloneOptions
): Promise<ClonedProject> {
  const remotes = await listRemotes(store)
  const ignored = [...wishesOf(options), ...(depth === undefined ? [] : (['depth'] as const))]
  const known = remotes.find(({ url, prefix }) => url === wanted.url && prefix === wanted.prefix)
  const remote = known ?? { ...wanted, name: freeName(remotes) }
  if (known === undefined) await writeRemote(store, remote)
  try {
    const report = await pull(store, remote, link, options)
    return { store, remote, wasHere: true, ignored, ...report }
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
