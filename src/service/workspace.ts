import type { Emitter } from '../base/emitter.ts'
import type { JsonObject } from '../base/json.ts'
import type { Kind } from '../model/kinds.ts'
import type { VerifyProblem } from '../store/verify.ts'
import type { WorkspaceEvents } from './events.ts'
import type { StoredObject } from './objects.ts'
import type { ReadOptions, Service, WriteOptions } from './service.ts'

/** A point of a metric's series. */
export interface SeriesPoint {
  /** Absent only in parts that other programs wrote. */
  readonly step?: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly metric: string
  readonly split?: string
  readonly value: number
  readonly writer: string
}

/** Runs, with what is stored beside their records. */
export interface RunService extends Service<'run'> {
  /** Reads the points of a run in order of (step, time, writer, line), those not yet committed included. */
  series(
    address: string,
    options?: ReadOptions & { readonly metrics?: readonly string[] }
  ): AsyncIterable<SeriesPoint>
  /** Reads the rows of a result. */
  rows(address: string, result: string, options?: ReadOptions): AsyncIterable<JsonObject>
  /**
   * Reads the text of a run, what is not yet committed included; with `after`, only what came since the
   * read that gave that cursor.
   */
  text(address: string, options?: ReadOptions & { readonly after?: string }): Promise<RunText>
  /** Lists the runs that are part of a run. */
  children(address: string): AsyncIterable<StoredObject<'run'>>
  /** Lists the runs in progress on this machine's store, with what they logged so far. */
  live(options?: { readonly in?: string }): AsyncIterable<LiveRun>
  /** Ends runs whose process is gone as `interrupted`, with all their rows; tells which. */
  recover(options?: { readonly in?: string }): Promise<readonly string[]>
}

/** Part of a run's log. */
export interface RunText {
  readonly text: string
  /** From where the next read goes on, if it is given as `after`. */
  readonly cursor: string
}

/** A run in progress. */
export interface LiveRun {
  readonly run: StoredObject<'run'>
  /** Whether its process is there; `undefined` if this machine can't tell. */
  readonly alive: boolean | undefined
  /** Milliseconds since the last sign of life. */
  readonly silentMs: number
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

/** An artifact of a run. */
export interface ArtifactEntry {
  readonly path: string
  readonly address: string
  readonly sizeBytes?: number
  readonly digest?: string
  readonly mediaType?: string
  readonly uri?: string
  /** Whether the content is here. */
  readonly present: boolean
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

/** What `verify` found; empty lists mean that all is well. */
export interface VerifyReport {
  readonly objects: number
  readonly records: number
  readonly problems: readonly VerifyProblem[]
}

/** An object with how it was obtained. */
export interface GetResult<K extends Kind = Kind> {
  readonly object: StoredObject<K> | undefined
  readonly commitOid: string | undefined
  /** Where it came from. */
  readonly sync: 'local'
}

/** A folder of projects, opened. */
export interface Workspace {
  readonly folder: string
  /** The current project's slug, for addresses that name none. */
  readonly project: string | undefined
  readonly events: Emitter<WorkspaceEvents>
  readonly projects: Service<'project'>
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
  /** Reads the object that an address names, whatever its kind. */
  get(address: string, options?: ReadOptions): Promise<GetResult>
  /** Stores an object, made by hand or read before. */
  put<K extends Kind>(
    object: Pick<StoredObject<K>, 'kind' | 'fields'> & { readonly address?: string },
    options?: WriteOptions
  ): Promise<StoredObject<K>>
  delete(address: string, options?: WriteOptions & { readonly force?: boolean }): Promise<boolean>
  /**
   * Makes changes together: one commit a branch, all or nothing.
   *
   * @throws STORE_TRANSACTION if they are of several projects; whatever a change alone would throw.
   */
  transaction<T>(body: (transaction: WorkspaceTransaction) => Promise<T>): Promise<T>
  /** Checks objects, schemas and references. */
  verify(options?: {
    readonly in?: string
    readonly onProgress?: (done: number, total: number) => void
    readonly signal?: AbortSignal
  }): Promise<VerifyReport>
  close(): Promise<void>
}
