import { Emitter } from './base/emitter.ts'
import { Database } from './host/browser/database.ts'
import { browserHash } from './host/browser/hash.ts'
import { answerRunReader, type RunReaderScope } from './host/browser/run-reader.ts'
import {
  type BrowserStoreHost,
  createBrowserStoreHost,
  type Forges
} from './host/browser/store-host.ts'
import { ReceivedRuns } from './query/index/received-runs.ts'
import { readSettings } from './service/config.ts'
import { findCurrentProject } from './service/current-project.ts'
import type { WorkspaceEvents } from './service/events.ts'
import { createWorkspace } from './service/open-workspace.ts'
import type { Run, StartRun } from './service/run.ts'
import type { ExchangeOptions } from './service/sync.ts'
import { createTracking, type TrackingCalls } from './service/track.ts'
import type { Workspace } from './service/workspace.ts'
import { WorkspaceStore } from './store/workspace-store.ts'

export { type Forges, findForge } from './host/browser/store-host.ts'
export * from './index.ts'
export type { ForgeAddress, ForgeChoice } from './remote/forge/forge.ts'

/** Where a workspace lies in its database, which holds nothing else. */
const FOLDER = '/workspace'
const DEFAULT_NAME = 'runtree'

/** Which workspace of the site is opened, and how. */
export interface OpenWorkspaceOptions {
  /** The name of the workspace: each is a database of the page's origin. Default: `runtree`. */
  readonly name?: string
  /** The project of addresses that name none. Default: the workspace's setting, else the only one. */
  readonly project?: string
  /**
   * The address of a proxy through which remotes are reached that don't let pages of other sites read
   * them: `https://proxy.example` asks for `https://proxy.example/<host>/<path>`; one that ends in `?`
   * gets the whole address behind it. It sees your credentials. Default: none.
   */
  readonly proxy?: string
  /**
   * Hosts whose repositories are read through the API of GitHub or GitLab, since they let no page read
   * their git; github.com and gitlab.com are among them where there is no proxy. Nothing can be pushed
   * there. Default: only those.
   */
  readonly forges?: Forges
  /**
   * Gives credentials for an address to calls that bring none, and to what a partial clone fetches later.
   * Only the host of that address gets them. Default: none.
   */
  readonly credential?: (url: string) => ExchangeOptions['credential']
  /** Who commits. Default: the settings `author.name` and `author.email`, else nobody in particular. */
  readonly author?: { readonly name: string; readonly email: string }
  /** Whether nothing may go over a network, unless a call says otherwise. Default: false. */
  readonly offline?: boolean
  /** Whether what waits to be pushed for runs is pushed now, in the background. Default: false. */
  readonly background?: boolean
  /**
   * Starts a worker that calls `serveRunReader`, in which the records of runs are read while a clone brings
   * them; the first question about them is answered so much earlier. Default: they are read here, when they
   * are asked for.
   */
  readonly startRunReader?: () => Worker
}

/**
 * Opens a workspace in the browser's storage, in a page or a worker; it is made if there is none.
 * Several tabs may have it open.
 *
 * @throws BROWSER_NO_STORAGE, BROWSER_STORAGE_NEWER, SERVICE_SETTING, FORMAT_YAML; MODEL_NAME if
 * `project` makes no slug.
 */
export async function openWorkspace(options: OpenWorkspaceOptions = {}): Promise<Workspace> {
  const { offline = false, background = false } = options
  const store = await openStore(options)
  const settings = await readSettings(store.host.files, FOLDER)
  const project = await findCurrentProject(store, {
    project: options.project,
    runtreeProject: undefined,
    setting: settings.project,
    cwd: '/'
  })
  return createWorkspace(store, { project, events: eventsOf(options), offline, background })
}

/**
 * Starts a run in the browser's workspace, such as a training in this page; finds or makes its project
 * and experiment. What it logs is on the disk a moment after the call, and after `flush` for certain.
 *
 * @throws TypeError, MODEL_NAME, MODEL_INVALID, STORE_NOT_FOUND (the parent), STORE_AMBIGUOUS for wrong
 * options; BROWSER_NO_STORAGE; the reason of the signal.
 */
export async function startRun(options: StartRun = {}): Promise<Run> {
  return (await tracking(options)).startRun(withProject(options))
}

/**
 * Runs a body as a run: it ends as `finished`, as `failed` if the body throws, as `interrupted` if the
 * signal was aborted. What the body throws is thrown again.
 *
 * @throws what `startRun` and the body throw.
 */
export async function track<T>(options: StartRun, body: (run: Run) => Promise<T> | T): Promise<T> {
  return (await tracking(options)).track(withProject(options), body)
}

/** Removes a workspace with all of its projects from the browser; nothing of it must be open. */
export async function deleteWorkspace(options: { readonly name?: string } = {}): Promise<void> {
  await Database.remove(options.name ?? DEFAULT_NAME)
}

/** Makes this worker one that reads records of runs for another, which started it by `startRunReader`. */
export function serveRunReader(): void {
  const received = new ReceivedRuns()
  answerRunReader(globalThis as unknown as RunReaderScope, {
    get isEmpty() {
      return received.isEmpty
    },
    take: (type, name, bytes) => received.take(type, name, bytes),
    listWanted: (commits) => received.listWanted(commits),
    format: (wanted) => received.format(wanted, browserHash)
  })
}

/** What starts runs, by the workspace's name. */
const calls = new Map<string, Promise<TrackingCalls>>()
const emitters = new Map<string, Emitter<WorkspaceEvents>>()

/** Makes, once for each workspace, what starts runs in this page or worker. */
function tracking({ workspace: name = DEFAULT_NAME }: StartRun): Promise<TrackingCalls> {
  const found = calls.get(name) ?? openTracking(name)
  calls.set(name, found)
  return found
}

async function openTracking(name: string): Promise<TrackingCalls> {
  const store = await openStore({ name })
  const { files, platform } = store.host
  return createTracking({
    files,
    platform,
    // A page that is closed says nothing: the next that opens the workspace ends its runs.
    hooks: { watch: () => () => undefined },
    env: {},
    cwd: () => '/',
    command: [],
    openStore: async () => store,
    events: () => eventsOf({ name }),
    print: (line) => console.warn(line)
  })
}

/** A page lies in no folder that could name its project. */
function withProject(options: StartRun): StartRun {
  return options.project === undefined ? { ...options, project: 'default' } : options
}

async function openStore(options: OpenWorkspaceOptions): Promise<WorkspaceStore> {
  const database = await Database.open(options.name ?? DEFAULT_NAME)
  const { author, proxy, forges, credential, startRunReader } = options
  const committer = async (): Promise<{ readonly name: string; readonly email: string }> => {
    if (author !== undefined) return author
    const settings = await readSettings(host.files, FOLDER)
    return {
      name: settings['author.name'] ?? 'unknown',
      email: settings['author.email'] ?? 'unknown@browser'
    }
  }
  const host: BrowserStoreHost = createBrowserStoreHost(database, {
    proxy,
    forges,
    credential,
    startRunReader,
    committer
  })
  await host.platform.processes.refresh()
  return new WorkspaceStore(host, FOLDER)
}

/** Returns what everybody in this page is told of a workspace by. */
function eventsOf({ name = DEFAULT_NAME }: { readonly name?: string }): Emitter<WorkspaceEvents> {
  const events = emitters.get(name) ?? new Emitter<WorkspaceEvents>()
  emitters.set(name, events)
  return events
}
