import type { Emitter } from '../base/emitter.ts'
import type { Kind } from '../model/kinds.ts'
import type { Freshness } from '../store/exchange.ts'
import type { VerifyNote, VerifyProblem } from '../store/verify.ts'
import type { WorkspaceEvents } from './events.ts'
import type { GcOptions, ProjectGarbageReport } from './gc.ts'
import type { Fields, StoredObject } from './objects.ts'
import type { PurgeOptions, PurgeReport } from './purge.ts'
import type { ArtifactEntry, RunService } from './runs.ts'
import type { CreateIn, ReadOptions, Service, WriteOptions } from './service.ts'
import type {
  CloneReport,
  CloneRequest,
  ExchangeOptions,
  ProjectStatus,
  Published,
  PublishRequest,
  PullRequest,
  PushRequest,
  RemoteService,
  SnapshotService,
  StatusRequest,
  SyncReport
} from './sync.ts'

export type { ArtifactEntry } from './runs.ts'

/** Projects, with what a reader is told first. */
export interface ProjectDirectory extends Service<'project'> {
  /** Reads the `README.md` of a project; `undefined` if it has none. */
  readme(address: string, options?: ReadOptions): Promise<string | undefined>
}

/** Artifacts, with their content. */
export interface ArtifactService {
  list(runAddress: string, options?: ReadOptions): AsyncIterable<ArtifactEntry>
  /**
   * Reads an artifact's content; `undefined` if there is none of that path.
   *
   * @throws STORE_CONTENT_ELSEWHERE if only a reference or pointer is here.
   */
  read(address: string, options?: ReadOptions): Promise<Uint8Array | undefined>
  delete(address: string, options?: WriteOptions): Promise<boolean>
}

/**
 * Collects changes of one project, which are then made in one commit a branch, or not at all. `create`
 * and `put` return the address that the object will have.
 */
export interface WorkspaceTransaction {
  create<K extends Kind>(kind: K, fields: Parameters<Service<K>['create']>[0]): Promise<string>
  put<K extends Kind>(kind: K, fields: Parameters<Service<K>['put']>[0]): Promise<string>
  update<K extends Kind>(
    kind: K,
    address: string,
    changes: Parameters<Service<K>['update']>[1]
  ): Promise<void>
  /** Deletes an object that must be there when the transaction is committed. */
  delete(kind: Exclude<Kind, 'project' | 'experiment'>, address: string): Promise<void>
}

/** What is verified. */
export interface VerifyRequest extends Omit<ExchangeOptions, 'onProgress'> {
  /** The address of a project or experiment; its whole project is checked. Default: all projects. */
  readonly in?: string
  /**
   * Mends what can be mended: makes derived data anew, fetches what is missing from remotes that have it,
   * and moves aside what can't be read, of which nothing is removed. Default: false.
   */
  readonly repair?: boolean
  /** Told of the objects read so far and of those known so far. Default: nobody is. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** What `verify` found; no problems mean that all is well. */
export interface VerifyReport {
  readonly objects: number
  readonly records: number
  readonly problems: readonly VerifyProblem[]
  /** What is no fault, such as work that was not pushed. */
  readonly notes: readonly VerifyNote[]
}

/** An object with how it was obtained. */
export interface GetResult<K extends Kind = Kind> {
  readonly object: StoredObject<K> | undefined
  readonly commitOid: string | undefined
  /**
   * Where it came from: `local`, `fetched` or `merged` from a remote just now, or `stale`: no remote
   * could be reached, and this is what was here.
   */
  readonly sync: Freshness
  /** Content of a run's artifacts that is above the project's limit and not on this machine. */
  readonly heldBack: { readonly count: number; readonly sizeBytes: number }
}

/** How `Workspace.get` reads. */
export interface GetOptions extends ReadOptions, ExchangeOptions {
  /** A remote that was asked less than this many milliseconds ago is not asked again. Default: 10,000. */
  readonly maxAgeMs?: number
}

/** How `Workspace.put` writes. */
export interface PutOptions extends WriteOptions, ExchangeOptions {
  /** The remote to which the object's experiment is pushed, by name. Default: none. */
  readonly remote?: string
}

/** An object, made by hand or read before: what `get` gave is one. */
export interface ObjectToPut<K extends Kind = Kind> {
  readonly kind: K
  /** With where it goes, as for `create`, unless `address` says it. */
  readonly fields: Fields<K> & CreateIn
  /** Default: where its fields say. */
  readonly address?: string
}

/** An object as it was stored, and what became of it at the remote. */
export type PutResult<K extends Kind = Kind> = StoredObject<K> & {
  /** What its push came to; absent if none was asked for. */
  readonly pushed?: SyncReport
}

/** How `Workspace.delete` deletes. */
export interface DeleteOptions extends WriteOptions, ExchangeOptions {
  /**
   * Where: here, at the remote, or both. Objects inside an experiment know `local` (the deletion goes
   * with the next push) and `all` (which pushes at once). Default: `local`.
   */
  readonly mode?: 'local' | 'remote' | 'all'
  /** The remote's name. Default: every remote of the project. */
  readonly remote?: string
  /** Deletes a project of which there is no other copy. Default: false. */
  readonly force?: boolean
}

/** What was deleted where. */
export interface DeleteReport {
  /** Whether there was something here, which is gone. */
  readonly local: boolean
  /** One entry a remote and branch. */
  readonly remote: readonly RemoteDeletion[]
}

/** What became of a deletion at a remote. */
export interface RemoteDeletion {
  readonly remote: string
  readonly ref: string
  readonly status: 'deleted' | 'absent' | 'rejected' | 'stale' | 'offline' | 'failed'
  /** Why not. */
  readonly reason?: string
}

/** A folder of projects, opened. */
export interface Workspace {
  readonly folder: string
  /** The current project's slug, for addresses that name none. */
  readonly project: string | undefined
  readonly events: Emitter<WorkspaceEvents>
  readonly projects: ProjectDirectory
  readonly datasets: Service<'dataset'>
  readonly views: Service<'view'>
  readonly experiments: Service<'experiment'>
  readonly executions: Service<'execution'>
  readonly runs: RunService
  readonly environments: Service<'environment'>
  readonly splits: Service<'split'>
  readonly computations: Service<'computation'>
  readonly metrics: Service<'metric'>
  readonly results: Service<'result'>
  readonly artifacts: ArtifactService
  /** Resolves an address to the one object that it names; `undefined` if there is none. */
  resolve(address: string): Promise<{ readonly kind: Kind; readonly address: string } | undefined>
  /**
   * Reads the object that an address names, whatever its kind, as its remotes have it by now; a URL
   * clones its project if it isn't here. `list` and the services never use the network.
   */
  get(address: string, options?: GetOptions): Promise<GetResult>
  /**
   * Stores an object, made by hand or read before; with `remote`, its experiment is then pushed. An
   * address stands for the object that is stored there.
   *
   * @throws STORE_NOT_FOUND for an address without an object; what `push` throws, with the object stored; a
   * remote that can't be reached is `offline` in the report.
   */
  put<K extends Kind>(object: ObjectToPut<K>, options?: PutOptions): Promise<PutResult<K>>
  put(address: string, options?: PutOptions): Promise<PutResult>
  /**
   * Deletes the object that an address names, whatever its kind; `restore` undoes what was done here.
   *
   * @throws STORE_UNPUSHED, STORE_DELETE_MODE
   */
  delete(address: string, options?: DeleteOptions): Promise<DeleteReport>
  /**
   * Takes an object inside an experiment out of its whole history, such as a secret that was stored by
   * mistake; with `remote`, the branch is then replaced there. It can't be undone. `gc` with no time of
   * grace frees the bytes; `heldBy` of the report names what else still leads to them.
   *
   * @throws STORE_NOT_FOUND, STORE_WRONG_KIND, STORE_IN_USE, STORE_PURGE
   */
  purge(address: string, options?: PurgeOptions): Promise<PurgeReport>
  readonly remotes: RemoteService
  readonly snapshots: SnapshotService
  /** Brings what is here to a remote; what both sides changed is merged first. */
  push(request?: PushRequest): Promise<SyncReport>
  /** Brings what a remote has and merges it with what is here. */
  pull(request?: PullRequest): Promise<SyncReport>
  /** Brings a project from an address; one that is here already is brought up to date. */
  clone(url: string, request?: CloneRequest): Promise<CloneReport>
  /**
   * Puts files, such as a site, on a branch of a remote that holds nothing of the project: in one commit on
   * top of what is there. Of what has not changed nothing is sent.
   *
   * @throws TypeError for a branch of the project; REMOTE_STALE if somebody else moved it meanwhile;
   * REMOTE_REJECTED
   */
  publish(request: PublishRequest): Promise<Published>
  /** Tells how a project stands to its remotes and what is contested; asks nobody. */
  status(request?: StatusRequest): Promise<ProjectStatus>
  /**
   * Makes changes together: one commit a branch, all or nothing.
   *
   * @throws STORE_TRANSACTION if they are of several projects; whatever a change alone would throw.
   */
  transaction<T>(body: (transaction: WorkspaceTransaction) => Promise<T>): Promise<T>
  /** Checks objects, refs, records, references, caches, journals and content; with `repair`, mends them. */
  verify(options?: VerifyRequest): Promise<VerifyReport>
  /**
   * Packs the repositories of all projects, or of one, anew and with deltas, and drops what nothing
   * leads to. Others may read and write meanwhile; the git program is not needed.
   */
  gc(options?: GcOptions): Promise<readonly ProjectGarbageReport[]>
  close(): Promise<void>
}
