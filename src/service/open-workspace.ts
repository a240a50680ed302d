import { Emitter } from '../base/emitter.ts'
import type { Kind, ObjectKey } from '../model/kinds.ts'
import { storeErrors } from '../store/errors.ts'
import { drainQueues } from '../store/push-queue.ts'
import type { WorkspaceStore } from '../store/workspace-store.ts'
import { AddressBook, type Place } from './address-book.ts'
import { createArtifactService } from './artifact-service.ts'
import { addressOf, type CodeAccess, connectProject, type ServiceContext } from './context.ts'
import { deleteObject } from './delete-object.ts'
import type { WorkspaceEvents } from './events.ts'
import { freshen, heldBackOf, localAddress } from './fresh.ts'
import { collectProjects, type GcOptions, type ProjectGarbageReport } from './gc.ts'
import { idOf, parentOf, wrongKind } from './kind-rules.ts'
import { MetricService } from './metric-service.ts'
import { ObjectService } from './object-service.ts'
import type { Fields, StoredObject } from './objects.ts'
import { ProjectService } from './project-service.ts'
import type { PurgeOptions, PurgeReport } from './purge.ts'
import { createRemoteService, createSnapshotService } from './remote-service.ts'
import { TrackedRunService } from './run-service.ts'
import type { CreateIn, Service, WriteOptions } from './service.ts'
import type {
  CloneReport,
  CloneRequest,
  ProjectStatus,
  Published,
  PublishRequest,
  PullRequest,
  PushRequest,
  StatusRequest,
  SyncReport
} from './sync.ts'
import {
  cloneProject,
  publishSite,
  pullProject,
  pushProject,
  pushStored,
  readStatus
} from './sync-service.ts'
import type {
  DeleteOptions,
  DeleteReport,
  GetOptions,
  GetResult,
  ObjectToPut,
  PutOptions,
  PutResult,
  VerifyReport,
  VerifyRequest,
  Workspace,
  WorkspaceTransaction
} from './workspace.ts'
import { runTransaction } from './workspace-transaction.ts'

/** Makes the handle of a workspace whose folder and current project are known. */
export function createWorkspace(
  store: WorkspaceStore,
  options: {
    readonly project?: string | undefined
    readonly events?: Emitter<WorkspaceEvents>
    /** Whether nothing may go over a network, unless a call says otherwise. Default: false. */
    readonly offline?: boolean
    /** Whether what waits to be pushed for runs of the project is pushed now. Default: false. */
    readonly background?: boolean
    /** The way to the code's repository. Default: none. */
    readonly code?: CodeAccess
  } = {}
): Workspace {
  const { project, events = new Emitter(), offline = false, background = false, code } = options
  const workspace = new OpenWorkspace(store, project, events, offline, code)
  if (background) workspace.drain()
  return workspace
}

class OpenWorkspace implements Workspace {
  readonly folder: string
  readonly project: string | undefined
  readonly events: Emitter<WorkspaceEvents>
  readonly projects: Workspace['projects']
  readonly datasets: Workspace['datasets']
  readonly views: Workspace['views']
  readonly experiments: Workspace['experiments']
  readonly executions: Workspace['executions']
  readonly runs: Workspace['runs']
  readonly environments: Workspace['environments']
  readonly splits: Workspace['splits']
  readonly computations: Workspace['computations']
  readonly metrics: Workspace['metrics']
  readonly results: Workspace['results']
  readonly artifacts: Workspace['artifacts']
  readonly remotes: Workspace['remotes']
  readonly snapshots: Workspace['snapshots']
  readonly #context: ServiceContext
  readonly #closing = new AbortController()
  #draining: Promise<void> | undefined

  constructor(
    workspace: WorkspaceStore,
    project: string | undefined,
    events: Emitter<WorkspaceEvents>,
    offline: boolean,
    code: CodeAccess | undefined
  ) {
    const book = new AddressBook(workspace, project)
    const context = { workspace, book, events, offline, code }
    this.#context = context
    workspace.onMaintenanceFailure = (project, error) => {
      events.emit('maintenance', { project, error })
    }
    workspace.onOpen((store) => connectProject({ events }, store, { offline }))
    this.folder = workspace.folder
    this.project = project
    this.events = events
    this.projects = new ProjectService(context)
    this.datasets = new ObjectService(context, 'dataset')
    this.views = new ObjectService(context, 'view')
    this.experiments = new ObjectService(context, 'experiment')
    this.executions = new ObjectService(context, 'execution')
    this.runs = new TrackedRunService(context)
    this.environments = new ObjectService(context, 'environment')
    this.splits = new ObjectService(context, 'split')
    this.computations = new ObjectService(context, 'computation')
    this.metrics = new MetricService(context)
    this.results = new ObjectService(context, 'result')
    this.artifacts = createArtifactService(context)
    this.remotes = createRemoteService(context)
    this.snapshots = createSnapshotService(context)
  }

  async resolve(
    address: string
  ): Promise<{ readonly kind: Kind; readonly address: string } | undefined> {
    const place = await this.#find(address)
    return (
      place && { kind: (place.key as ObjectKey).kind, address: addressOf(place.store, place.key) }
    )
  }

  async get(address: string, options: GetOptions = {}): Promise<GetResult> {
    options.signal?.throwIfAborted()
    const local = await localAddress(this.#context, address, options)
    const find = (): Promise<Place | undefined> => this.#find(local.address, options.at)
    const fresh = await freshen(this.#context, local.address, find, options)
    const place = await find()
    const at = place?.at === undefined ? {} : { at: place.at }
    const object =
      place && (await this.#service(place.key.kind)?.get(addressOf(place.store, place.key), at))
    const sync = local.freshness === 'fetched' ? 'fetched' : fresh
    const heldBack = await heldBackOf(place)
    return { object, commitOid: object?.commitOid, sync, heldBack }
  }

  async put<K extends Kind>(
    target: ObjectToPut<K> | string,
    options: PutOptions = {}
  ): Promise<PutResult<K>> {
    const stored =
      typeof target === 'string' ? await this.#load<K>(target) : await this.#put(target, options)
    if (options.remote === undefined) return stored
    const key = stored.key as ObjectKey
    const experiments = 'experiment' in key ? [key.experiment] : []
    const request = { ...options, in: stored.project, remote: options.remote, experiments }
    return { ...stored, pushed: await pushStored(this.#context, request) }
  }

  async #load<K extends Kind>(address: string): Promise<StoredObject<K>> {
    const { key, store } = await this.#context.book.require(address)
    const object = await this.#service(key.kind)?.get(addressOf(store, key))
    if (object === undefined) throw wrongKind(key.kind)
    return object as unknown as StoredObject<K>
  }

  async #put<K extends Kind>(
    object: ObjectToPut<K>,
    options: WriteOptions
  ): Promise<StoredObject<K>> {
    const service = this.#service(object.kind) as Service<K> | undefined
    if (service === undefined) throw wrongKind(object.kind)
    if (object.address === undefined) return service.put(object.fields as Fields<K>, options)
    const [place] = await this.#context.book.candidates(object.address, [object.kind])
    if (place === undefined) {
      throw storeErrors.create('STORE_NOT_FOUND', { address: object.address })
    }
    const key = place.key as ObjectKey
    const parent = parentOf(key)
    const where: CreateIn = {
      id: idOf(key, place.store.slug),
      ...(parent === undefined ? {} : { in: addressOf(place.store, parent) })
    }
    return service.put({ ...(object.fields as Fields<K>), ...where }, options)
  }

  async delete(address: string, options: DeleteOptions = {}): Promise<DeleteReport> {
    options.signal?.throwIfAborted()
    const place = (await this.#find(address)) ?? (await this.#gone(address, options))
    if (place === undefined) return { local: false, remote: [] }
    const { kind } = place.key
    const found = addressOf(place.store, place.key)
    const service = kind === 'artifact' ? this.artifacts : this.#service(kind)
    if (service === undefined) throw wrongKind(kind)
    return deleteObject(this.#context, place, options, () => service.delete(found))
  }

  async purge(address: string, options: PurgeOptions = {}): Promise<PurgeReport> {
    const { purgeObject } = await import('./purge.ts')
    return purgeObject(this.#context, address, options)
  }

  push(request: PushRequest = {}): Promise<SyncReport> {
    return pushProject(this.#context, request)
  }

  pull(request: PullRequest = {}): Promise<SyncReport> {
    return pullProject(this.#context, request)
  }

  clone(url: string, request: CloneRequest = {}): Promise<CloneReport> {
    return cloneProject(this.#context, url, request)
  }

  publish(request: PublishRequest): Promise<Published> {
    return publishSite(this.#context, request)
  }

  status(request: StatusRequest = {}): Promise<ProjectStatus> {
    return readStatus(this.#context, request)
  }

  transaction<T>(body: (transaction: WorkspaceTransaction) => Promise<T>): Promise<T> {
    return runTransaction(this.#context, body)
  }

  async verify(options: VerifyRequest = {}): Promise<VerifyReport> {
    const { verifyProjects } = await import('./verify-projects.ts')
    return verifyProjects(this.#context, options)
  }

  gc(options: GcOptions = {}): Promise<readonly ProjectGarbageReport[]> {
    return collectProjects(this.#context, options)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#draining
    await this.#context.workspace.close()
  }

  /** Pushes in the background what waits to be pushed for runs. */
  drain(): void {
    const { signal } = this.#closing
    const { workspace, offline } = this.#context
    const drain = async (): Promise<void> => {
      const store = this.project === undefined ? undefined : await workspace.project(this.project)
      if (store !== undefined) await drainQueues(store, { offline, signal })
    }
    // Whoever reads the project hears of what is wrong with it.
    this.#draining = drain().catch(() => undefined)
  }

  /** Finds what an address names; a metric may be a summary without a file of its own. */
  async #find(address: string, at?: string): Promise<Place | undefined> {
    const place = await this.#context.book.find(address, undefined, at)
    if (place !== undefined) return place
    const [metric] = await this.#context.book.candidates(address, ['metric'])
    const exists = metric !== undefined && (await this.metrics.exists(address))
    return exists ? (metric as unknown as Place) : undefined
  }

  /** Returns an experiment that is not here any more, but may be deleted at remotes. */
  async #gone(address: string, { mode }: DeleteOptions): Promise<Place | undefined> {
    if (mode === undefined || mode === 'local') return undefined
    const [place] = await this.#context.book.candidates(address, ['experiment'])
    return place as unknown as Place | undefined
  }

  #service(kind: Kind): Service<Kind> | undefined {
    const services: { readonly [K in Kind]?: unknown } = {
      project: this.projects,
      dataset: this.datasets,
      view: this.views,
      experiment: this.experiments,
      execution: this.executions,
      run: this.runs,
      environment: this.environments,
      split: this.splits,
      computation: this.computations,
      metric: this.metrics,
      result: this.results,
      artifact: undefined
    }
    return services[kind] as Service<Kind> | undefined
  }
}
