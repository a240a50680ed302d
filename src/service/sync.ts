import type { ExchangeOptions } from '../store/exchange.ts'
import type { PublishPlan } from '../store/publish.ts'
import type { QueuedPushes } from '../store/push-queue.ts'
import type { RemotePrefix, RemoteSettings } from '../store/remote-config.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { SyncedRef } from '../store/sync-report.ts'

export type { ExchangeOptions } from '../store/exchange.ts'
export type { Published, PublishPlan } from '../store/publish.ts'
export type { QueuedPushes } from '../store/push-queue.ts'
export type { RemotePrefix, RemoteSettings } from '../store/remote-config.ts'
export type { Snapshot } from '../store/snapshot.ts'
export type { SyncedRef, SyncStatus } from '../store/sync-report.ts'

/** Which remote of which project. */
export interface RemoteChoice {
  /** The project's slug. Default: the current one. */
  readonly in?: string
  /** The remote's name. Default: the only one, else `origin`. */
  readonly remote?: string
}

/** What is pushed. */
export interface PushRequest extends RemoteChoice, ExchangeOptions {
  /** Slugs of experiments. Default: everything, snapshots included. */
  readonly experiments?: readonly string[]
  /** Pushes again what was deleted there. Default: false. */
  readonly recreate?: boolean
  /**
   * Leaves a summary of each branch there: those who read it through the API of GitHub get all its runs
   * with one request. Default: false.
   */
  readonly summary?: boolean
}

/** What is pulled. */
export interface PullRequest extends RemoteChoice, ExchangeOptions {
  /** Slugs of experiments; brings back those that were deleted here. Default: everything. */
  readonly experiments?: readonly string[]
  /** Takes the remote's project in, though its id is another. Default: false. */
  readonly join?: boolean
}

/** What is cloned. */
export interface CloneRequest extends ExchangeOptions {
  /** How many commits of each history are brought; the others when they are needed. Default: all. */
  readonly depth?: number
  /**
   * Leaves content at the remote until it is looked at: with `true`, files above 8 kB, which no listing
   * needs; or what a filter of git says: `blob:none`, `blob:limit=1m`, `tree:5`. Default: false.
   */
  readonly partial?: boolean | string
  /** The project's slug here. Default: made from its name. */
  readonly name?: string
  /** Slugs of experiments. Default: all. */
  readonly experiments?: readonly string[]
}

/** What an exchange with a remote came to. */
export interface SyncReport {
  readonly project: string
  readonly remote: string
  /** The address, without credentials. */
  readonly url: string
  /** One entry a branch and snapshot. */
  readonly refs: readonly SyncedRef[]
  readonly receivedBytes: number
  /** Content of artifacts that lies beside the history and does not travel yet. */
  readonly heldBack: { readonly count: number; readonly sizeBytes: number }
}

/** What a clone came to. */
export interface CloneReport extends SyncReport {
  /** Whether the project was here before: then it was only brought up to date. */
  readonly wasHere: boolean
  /**
   * Wishes that the remote can't fulfil, so that all was brought; or that a project that was here before
   * does not heed.
   */
  readonly ignored: readonly ('depth' | 'partial')[]
}

/** What a remote is. */
export interface RemoteDescription {
  readonly url: string
  readonly kind: string
  readonly isReachable: boolean
  readonly mayRead: boolean
  readonly mayPush: boolean
  /** Why it may not be read or pushed to, as messages of coded errors. */
  readonly problems: readonly { readonly code: string; readonly message: string }[]
  readonly capabilities: readonly string[]
  readonly defaultBranch?: string
  /** Where the project lies there: see docs/FORMAT.md, “Repository”. */
  readonly prefix: RemotePrefix
  /** Whether a project lies there; absent if there is only a `main` that is not known here. */
  readonly isProject?: boolean
  /** Whether the repository has no refs at all. */
  readonly isEmpty: boolean
  /** Slugs of the experiments there. */
  readonly experiments: readonly string[]
}

/** How a project stands to its remotes, without asking them. */
export interface ProjectStatus {
  readonly project: string
  readonly remotes: readonly {
    readonly remote: RemoteSettings
    readonly refs: readonly SyncedRef[]
    /** When it was last asked, in milliseconds since 1970. */
    readonly askedMs?: number
    /** Whether it could not be reached in the last minute. */
    readonly isOffline: boolean
    /** What waits to be pushed for runs. */
    readonly queue: QueuedPushes
  }[]
  /** Addresses of objects with contested fields. */
  readonly conflicts: readonly { readonly address: string; readonly fieldPath: string }[]
  /** Branches and snapshots that can't be read, or something in them can't, and why. */
  readonly damaged: readonly {
    readonly ref: string
    readonly experiment?: string
    readonly code: string
    readonly reason: string
  }[]
}

/** What is told of a project's state. */
export interface StatusRequest extends Pick<RemoteChoice, 'in'> {
  /** Looks for contested fields too, which reads every record. Default: true. */
  readonly conflicts?: boolean
}

/** What is published. */
export interface PublishRequest extends RemoteChoice, ExchangeOptions, PublishPlan {}

/** Keeps the remotes of projects. */
export interface RemoteService {
  list(options?: Pick<RemoteChoice, 'in'>): Promise<readonly RemoteSettings[]>
  /**
   * Adds a remote; credentials in the address are not kept.
   *
   * @throws REMOTE_ADDRESS, STORE_REMOTE_NAME; STORE_EXISTS if there is one of that name.
   */
  add(
    name: string,
    url: string,
    options?: Pick<RemoteChoice, 'in'> & { readonly prefix?: RemotePrefix }
  ): Promise<RemoteSettings>
  /** Forgets a remote; what lies there is not touched. @throws STORE_NO_REMOTE */
  remove(name: string, options?: Pick<RemoteChoice, 'in'>): Promise<void>
  /** @throws STORE_NO_REMOTE, STORE_REMOTE_NAME, STORE_EXISTS */
  rename(from: string, to: string, options?: Pick<RemoteChoice, 'in'>): Promise<void>
  /** Asks a remote, by name or address, what it is; one that fails is an answer. */
  info(
    nameOrUrl: string,
    options?: Pick<RemoteChoice, 'in'> &
      ExchangeOptions & {
        /** How long it may take. Default: 10000. */
        readonly timeoutMs?: number
      }
  ): Promise<RemoteDescription>
}

/** Fixes the state of whole projects under names. */
export interface SnapshotService {
  /** @throws MODEL_NAME, STORE_EXISTS */
  create(name: string, options?: Pick<RemoteChoice, 'in'>): Promise<Snapshot>
  list(options?: Pick<RemoteChoice, 'in'>): Promise<readonly Snapshot[]>
}
