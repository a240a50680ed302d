import { randomId, WRITER_LENGTH } from '../base/ids.ts'
import {
  branchOf,
  EXPERIMENT_REF_PREFIX,
  experimentRef,
  folderOf,
  MAIN_REF
} from '../format/paths.ts'
import { readCommit } from '../git/commit.ts'
import { gitErrors } from '../git/errors.ts'
import { LineSkip } from '../git/line-skip.ts'
import type { ObjectReader } from '../git/object-store.ts'
import { isOid, type Oid } from '../git/objects.ts'
import { commitsTouching } from '../git/path-history.ts'
import { PathHistory } from '../git/path-index-file.ts'
import type { LogRequest, ToldEntry } from '../git/promised-objects.ts'
import type { RefListOptions } from '../git/ref-store.ts'
import type { Repository } from '../git/repository.ts'
import type { ObjectKey } from '../model/kinds.ts'
import { BranchWriter, type Committed } from './branch-writer.ts'
import { readHidden } from './deleted.ts'
import { fileFailure, guardFiles, storeErrors } from './errors.ts'
import { guardObjects } from './guard-objects.ts'
import { openHostRepository, type StoreHost } from './host.ts'
import { Maintenance } from './maintenance.ts'
import type { Transaction } from './transaction.ts'
import { View } from './view.ts'

/** The objects of one project, in one repository. */
export class ProjectStore {
  readonly slug: string
  /** The bare repository's folder. */
  readonly folder: string
  readonly repository: Repository
  readonly host: StoreHost
  /** Names this process among the writers of the project: 6 base-32 characters. */
  readonly writer: string
  readonly maintenance: Maintenance
  /** What views are read from. */
  readonly #objects: ObjectReader
  readonly #branches: BranchWriter
  readonly #paths: PathHistory

  private constructor(slug: string, repository: Repository, host: StoreHost) {
    this.slug = slug
    this.folder = repository.path
    this.repository = repository
    this.host = host
    this.#objects = guardObjects(repository.objects, repository.path)
    this.writer = randomId(host.platform.random, WRITER_LENGTH)
    this.#paths = new PathHistory(repository)
    this.maintenance = new Maintenance(repository, this.#paths, (error) => {
      host.onMaintenanceFailure?.(slug, error)
    })
    this.#branches = new BranchWriter(repository, host, this.writer, this.#paths)
  }

  /**
   * Opens the project in a repository.
   *
   * @throws GIT_NOT_A_REPOSITORY, GIT_UNSUPPORTED_FORMAT, STORE_NOT_A_PROJECT
   */
  static async open(host: StoreHost, folder: string, slug: string): Promise<ProjectStore> {
    const repository = await openHostRepository(host, folder)
    const store = new ProjectStore(slug, repository, host)
    const main = await store.view(MAIN_REF)
    if (main === undefined || !(await main.has({ kind: 'project' }))) {
      await repository.close()
      throw storeErrors.create('STORE_NOT_A_PROJECT', { folder })
    }
    return store
  }

  /** Opens a repository in which the project is about to be made. */
  static forNew(host: StoreHost, repository: Repository, slug: string): ProjectStore {
    return new ProjectStore(slug, repository, host)
  }

  /** Returns the state of a branch; `undefined` if there is no such branch. */
  async view(ref: string): Promise<View | undefined> {
    const headOid = await guardFiles(this.folder, () => this.repository.refs.read(ref))
    if (headOid === undefined) return undefined
    try {
      return await this.viewAt(headOid)
    } catch (error) {
      if (!gitErrors.is(error, 'GIT_OBJECT_MISSING')) throw error
      throw gitErrors.create('GIT_OBJECT_MISSING', { ...error.data, ref }, error)
    }
  }

  async viewAt(commitOid: Oid): Promise<View> {
    const { tree } = await readCommit(this.#objects, commitOid)
    return new View(this.#objects, commitOid, tree)
  }

  /**
   * Returns the state in which an object is to be looked for: its branch, or `main` if the experiment
   * was published there and has no branch here; with `at`, that commit or tag.
   */
  async viewOf(key: ObjectKey, at?: string): Promise<View | undefined> {
    if (at !== undefined) return this.viewAt(await this.resolveRevision(at))
    const view = await this.view(branchOf(key))
    if (view !== undefined || !('experiment' in key)) return view
    const hidden = await readHidden(this.host.files, this.folder)
    if (hidden.has(key.experiment)) return undefined
    const main = await this.view(MAIN_REF)
    const published = await main?.has({ kind: 'experiment', experiment: key.experiment })
    return published ? main : undefined
  }

  /** Lists the slugs of the project's experiments: branches, and what was published into `main`. */
  async experiments(options: RefListOptions = {}): Promise<readonly string[]> {
    const slugs = new Set<string>()
    const { refs } = this.repository
    const listed = await guardFiles(this.folder, () => refs.list(EXPERIMENT_REF_PREFIX, options))
    for (const ref of listed.keys()) {
      slugs.add(ref.slice(EXPERIMENT_REF_PREFIX.length))
    }
    const main = await this.view(MAIN_REF)
    const hidden = await readHidden(this.host.files, this.folder)
    for (const { name } of (await main?.folder('experiments')) ?? []) {
      if (!hidden.has(name)) slugs.add(name)
    }
    return [...slugs].sort()
  }

  /**
   * Runs a body on branches and commits what it changed, all or nothing. The body may run again if a
   * branch moved meanwhile.
   */
  async transact<T>(
    refs: readonly string[],
    operation: string,
    body: (transaction: Transaction) => Promise<T>
  ): Promise<Committed<T>> {
    const committed = await this.#branches.transact(refs, operation, body)
    this.maintenance.note()
    return committed
  }

  /** Lists the commits that changed an object or anything below it, newest first. */
  async *history(
    key: ObjectKey,
    options: { readonly signal?: AbortSignal } = {}
  ): AsyncGenerator<Oid> {
    const origin = await this.#originOf(key)
    if (origin === undefined) return
    const { head: start, path } = origin
    const { edge, promised, objects, storage } = this.repository
    if (edge.oids.size > 0) await promised.deepen?.(options)
    const index = await guardFiles(this.folder, () => this.#paths.of(start))
    const skip = edge.oids.size > 0 ? undefined : new LineSkip(storage, path)
    try {
      for await (const { oid } of commitsTouching(objects, start, path, { index, skip })) {
        yield oid
      }
    } catch (error) {
      throw fileFailure(error, this.folder)
    } finally {
      if (!index.isWhole) this.maintenance.preparePaths()
    }
  }

  /**
   * Lists the same as a remote tells it, without bringing the commits; `undefined` where all of them are here
   * or no remote tells that.
   */
  async toldHistory(
    key: ObjectKey,
    wish: Pick<LogRequest, 'skip' | 'signal'>
  ): Promise<AsyncIterable<ToldEntry> | undefined> {
    const { promised } = this.repository
    if (!promised.isPartial || promised.log === undefined) return undefined
    const origin = await this.#originOf(key)
    return origin && promised.log({ ...origin, ...wish })
  }

  /** Returns where the history of an object begins: a commit, and the path of the object in it. */
  async #originOf(
    key: ObjectKey
  ): Promise<{ readonly head: Oid; readonly path: string } | undefined> {
    const own = await guardFiles(this.folder, () => this.repository.refs.read(branchOf(key)))
    const head = own ?? (await this.viewOf(key))?.commitOid
    const path = key.kind === 'project' ? 'project.yaml' : folderOf(key)
    return head === undefined ? undefined : { head, path }
  }

  /**
   * Resolves a commit, an abbreviated one, a branch or a tag to a commit.
   *
   * @throws STORE_REVISION if there is none, STORE_AMBIGUOUS if an abbreviation fits several.
   */
  async resolveRevision(revision: string): Promise<Oid> {
    const { refs, objects } = this.repository
    for (const ref of [
      `refs/tags/${revision}`,
      `refs/tags/snapshots/${revision}`,
      `refs/heads/${revision}`,
      experimentRef(revision)
    ]) {
      const oid = await refs.read(ref).catch(() => undefined)
      if (oid !== undefined) return this.#peel(oid, revision)
    }
    if (isOid(revision) && (await objects.has(revision))) return this.#peel(revision, revision)
    if (!/^[0-9a-f]{4,40}$/.test(revision)) throw this.#noRevision(revision)
    const commits: Oid[] = []
    for (const oid of await objects.findByPrefix(revision, 64)) {
      if ((await objects.read(oid))?.type === 'commit') commits.push(oid)
    }
    if (commits.length > 1) {
      throw storeErrors.create('STORE_AMBIGUOUS', { address: revision, candidates: commits })
    }
    if (commits[0] === undefined) throw this.#noRevision(revision)
    return commits[0]
  }

  async close(): Promise<void> {
    await this.maintenance.close()
    await this.repository.close()
  }

  async #peel(oid: Oid, revision: string): Promise<Oid> {
    const object = await this.repository.objects.read(oid)
    if (object?.type === 'commit') return oid
    if (object?.type !== 'tag') throw this.#noRevision(revision)
    const target = /^object ([0-9a-f]{40})$/m.exec(new TextDecoder().decode(object.bytes))?.[1]
    if (target === undefined) throw this.#noRevision(revision)
    return this.#peel(target, revision)
  }

  #noRevision(revision: string): Error {
    return storeErrors.create('STORE_REVISION', { project: this.slug, revision })
  }
}
