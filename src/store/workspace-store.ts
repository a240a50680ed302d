import { decodeUtf8, encodeUtf8, formatHex } from '../base/bytes.ts'
import { KeyedMutex } from '../base/tasks.ts'
import { isSlug, slugOf } from '../model/slug.ts'
import { createProject, type NewProject } from './create-project.ts'
import { DELETED_KEPT_MS } from './deleted.ts'
import { guardFiles, storeErrors } from './errors.ts'
import type { StoreHost } from './host.ts'
import { ProjectStore } from './project-store.ts'
import { isFolder, makeWorkspace } from './workspace-folder.ts'

const SUFFIX = '.git'

/** A folder of projects, each the repository `<slug>.git`. */
export class WorkspaceStore {
  readonly folder: string
  readonly host: StoreHost
  /** Hears that the upkeep of a project in the background failed. */
  onMaintenanceFailure: StoreHost['onMaintenanceFailure']
  #onOpen: ((store: ProjectStore) => void) | undefined
  readonly #open = new Map<string, ProjectStore>()
  readonly #opening = new KeyedMutex()

  constructor(host: StoreHost, folder: string) {
    this.host = {
      ...host,
      onMaintenanceFailure: (project, error) => this.onMaintenanceFailure?.(project, error)
    }
    this.folder = folder
  }

  /** Lets somebody hear of each project that is or will be open. */
  onOpen(listener: (store: ProjectStore) => void): void {
    this.#onOpen = listener
    for (const store of this.#open.values()) listener(store)
  }

  /** Lists the slugs of the projects; empty if the folder does not exist. */
  async projects(): Promise<readonly string[]> {
    const { files } = this.host
    const slugs: string[] = []
    for (const { name, kind } of (await guardFiles(this.folder, () => files.list(this.folder))) ??
      []) {
      const slug = name.slice(0, -SUFFIX.length)
      if (!name.endsWith(SUFFIX) || !isSlug(slug)) continue
      if (kind === 'folder' || (kind === 'link' && (await isFolder(files, this.folderOf(slug))))) {
        slugs.push(slug)
      }
    }
    return slugs.sort()
  }

  /**
   * Opens a project; `undefined` if there is none.
   *
   * @throws GIT_NOT_A_REPOSITORY, GIT_UNSUPPORTED_FORMAT, STORE_NOT_A_PROJECT
   */
  project(slug: string): Promise<ProjectStore | undefined> {
    return this.#opening.run(slug, async () => {
      const folder = this.folderOf(slug)
      const open = this.#open.get(slug)
      const isThere = async (): Promise<boolean> =>
        (await this.host.files.stat(folder)) !== undefined
      if (!isSlug(slug) || !(await guardFiles(folder, isThere))) {
        this.#open.delete(slug)
        await open?.close()
        return undefined
      }
      if (open !== undefined) return open
      const store = await guardFiles(folder, () => ProjectStore.open(this.host, folder, slug))
      this.#onOpen?.(store)
      this.#open.set(slug, store)
      return store
    })
  }

  /** Makes a project. @throws STORE_EXISTS, MODEL_NAME, MODEL_INVALID, STORE_WORKSPACE */
  async create(
    fields: NewProject,
    options: { readonly slug?: string; readonly codeFolder?: string } = {}
  ): Promise<ProjectStore> {
    const slug = options.slug ?? slugOf(fields.name, this.host.platform.hash)
    const made = await this.#make(slug, fields, options.codeFolder)
    if (!made) throw storeErrors.create('STORE_EXISTS', { address: slug, kind: 'project' })
    return (await this.project(slug)) as ProjectStore
  }

  /**
   * Finds the project of a name, or makes it.
   *
   * With `codeFolder` the project is implied by that folder and remembers it; a project of that name
   * that another folder implied is not taken, but one with four digits of the folder's digest behind.
   */
  async ensure(
    name: string,
    options: { readonly codeFolder?: string } = {}
  ): Promise<ProjectStore> {
    const { codeFolder } = options
    for (;;) {
      const slug = await this.#slugFor(name, codeFolder)
      const found = await this.project(slug)
      if (found === undefined) await this.#make(slug, { name }, codeFolder)
      // Whoever else made it meanwhile may have made it for another folder.
      else if (slug === (await this.#slugFor(name, codeFolder))) return found
    }
  }

  /** Returns the slug of the project that the nearest of some code folders implied, if there is one. */
  async ofCodeFolder(codeFolders: readonly string[]): Promise<string | undefined> {
    const found = new Map<string, string>()
    for (const slug of await this.projects()) {
      const bytes = await this.host.files.read(`${this.folderOf(slug)}/runtree/code-folder`)
      if (bytes !== undefined) found.set(decodeUtf8(bytes), slug)
    }
    const nearest = codeFolders.find((folder) => found.has(folder))
    return nearest === undefined ? undefined : found.get(nearest)
  }

  /** Removes a project from the workspace and keeps it for 30 days; `false` if there was none. */
  async delete(slug: string): Promise<boolean> {
    const { files, platform } = this.host
    await this.#open.get(slug)?.close()
    this.#open.delete(slug)
    await this.#expireDeleted()
    if ((await files.stat(this.folderOf(slug))) === undefined) return false
    await guardFiles(this.folder, () => files.makeFolder(`${this.folder}/.deleted`))
    const kept = `${this.folder}/.deleted/${platform.clock.now()}-${slug}${SUFFIX}`
    return guardFiles(this.folder, () => files.rename(this.folderOf(slug), kept))
  }

  /** Brings back the latest deleted project of a slug; `false` if none is kept. */
  async restore(slug: string): Promise<boolean> {
    const { files } = this.host
    if ((await files.stat(this.folderOf(slug))) !== undefined) {
      throw storeErrors.create('STORE_EXISTS', { address: slug, kind: 'project' })
    }
    const kept = (await this.#deleted()).filter((each) => each.slug === slug)
    const latest = kept.sort((a, b) => b.deletedMs - a.deletedMs)[0]
    return latest === undefined ? false : files.rename(latest.folder, this.folderOf(slug))
  }

  folderOf(slug: string): string {
    return `${this.folder}/${slug}${SUFFIX}`
  }

  async close(): Promise<void> {
    const stores = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(stores.map((store) => store.close()))
    this.host.close?.()
  }

  async #make(slug: string, fields: NewProject, codeFolder?: string): Promise<boolean> {
    await makeWorkspace(this.host.files, this.folder)
    const folder = this.folderOf(slug)
    return guardFiles(this.folder, () => createProject(this.host, folder, fields, codeFolder))
  }

  async #slugFor(name: string, codeFolder: string | undefined): Promise<string> {
    const { hash } = this.host.platform
    const slug = slugOf(name, hash)
    if (codeFolder === undefined || (await this.#isOf(slug, codeFolder))) return slug
    const digest = formatHex(hash.sha256(encodeUtf8(codeFolder))).slice(0, 4)
    return `${slug.slice(0, 58)}-${digest}`
  }

  /** Tells whether a slug is free for a code folder, or that folder's already. */
  async #isOf(slug: string, codeFolder: string): Promise<boolean> {
    const { files } = this.host
    const path = `${this.folderOf(slug)}/runtree/code-folder`
    const remembered = await files.read(path)
    if (remembered !== undefined) return decodeUtf8(remembered) === codeFolder
    if ((await files.stat(this.folderOf(slug))) === undefined) return true
    await files.makeFolder(`${this.folderOf(slug)}/runtree`)
    return (await files.create(path, encodeUtf8(codeFolder))) || this.#isOf(slug, codeFolder)
  }

  async #deleted(): Promise<
    readonly { readonly folder: string; readonly slug: string; readonly deletedMs: number }[]
  > {
    const entries = (await this.host.files.list(`${this.folder}/.deleted`)) ?? []
    return entries.flatMap(({ name }) => {
      const match = /^(\d+)-(.+)\.git$/.exec(name)
      if (match === null) return []
      const folder = `${this.folder}/.deleted/${name}`
      return [{ folder, slug: match[2] as string, deletedMs: Number(match[1]) }]
    })
  }

  async #expireDeleted(): Promise<void> {
    const now = this.host.platform.clock.now()
    for (const { folder, deletedMs } of await this.#deleted()) {
      if (now - deletedMs < DELETED_KEPT_MS) continue
      await this.host.files.removeFolder(folder, { recursive: true })
    }
  }
}
