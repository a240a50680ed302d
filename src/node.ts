import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { Emitter } from './base/emitter.ts'
import { nodeCapture } from './host/node/capture/node-capture.ts'
import { createNodeProcessHooks } from './host/node/process-hooks.ts'
import { createNodeStoreHost } from './host/node/store-host.ts'
import { readSettings } from './service/config.ts'
import { findCurrentProject } from './service/current-project.ts'
import type { WorkspaceEvents } from './service/events.ts'
import { createWorkspace } from './service/open-workspace.ts'
import type { Run, StartRun } from './service/run.ts'
import { isOffline } from './service/run-push.ts'
import { createTracking, type TrackingCalls } from './service/track.ts'
import type { Workspace } from './service/workspace.ts'
import { storeErrors } from './store/errors.ts'
import { findWorkspace } from './store/workspace-folder.ts'
import { WorkspaceStore } from './store/workspace-store.ts'

export * from './index.ts'

/** Which workspace is opened. */
export interface OpenWorkspaceOptions {
  /**
   * The workspace's folder. Default: `$RUNTREE_HOME`, else the nearest `.runtree/` upwards, else
   * `~/.runtree`.
   */
  readonly folder?: string
  /**
   * The project of addresses that name none. Default: `$RUNTREE_PROJECT`, else the workspace's setting,
   * else the project of the current folder, else the only one.
   */
  readonly project?: string
  /** The folder from which workspace and project are looked for. Default: the process's own. */
  readonly cwd?: string
  /** Whether nothing may go over a network, unless a call says otherwise. Default: `$RUNTREE_OFFLINE` is 1. */
  readonly offline?: boolean
  /** Whether what waits to be pushed for runs is pushed now, in the background. Default: true. */
  readonly background?: boolean
}

/**
 * Opens a workspace; its folder is made when something is put into it.
 *
 * @throws SERVICE_SETTING, FORMAT_YAML if its settings can't be read; MODEL_NAME if `project` makes no
 * slug.
 */
export async function openWorkspace(options: OpenWorkspaceOptions = {}): Promise<Workspace> {
  const cwd = normalPath(options.cwd ?? '.')
  const store = await openStore(options.folder, cwd)
  const settings = await readSettings(store.host.files, store.folder)
  const project = await findCurrentProject(store, {
    project: options.project,
    runtreeProject: process.env.RUNTREE_PROJECT,
    setting: settings.project,
    cwd
  })
  const offline = options.offline ?? isOffline(process.env)
  const { background = true } = options
  const code = { capture: nodeCapture, folder: cwd }
  return createWorkspace(store, { project, events: eventsOf(store), offline, background, code })
}

/**
 * Starts a run; finds or makes its workspace, project, experiment and execution.
 *
 * Trouble in the store does not stop it: the run then keeps in memory what it logs, says so once, and
 * `finish` reports it.
 *
 * @throws TypeError, MODEL_NAME, MODEL_INVALID, STORE_NOT_FOUND (the parent), STORE_AMBIGUOUS for wrong
 * options; the reason of the signal.
 */
export async function startRun(options: StartRun = {}): Promise<Run> {
  return tracking().startRun(await withSettings(options))
}

/**
 * Runs a body as a run: it ends as `finished`, as `failed` if the body throws, as `interrupted` if the
 * signal was aborted. What the body throws is thrown again.
 *
 * @throws what `startRun` and the body throw.
 */
export async function track<T>(options: StartRun, body: (run: Run) => Promise<T> | T): Promise<T> {
  return tracking().track(await withSettings(options), body)
}

let calls: TrackingCalls | undefined
const trackedStores = new Map<string, WorkspaceStore>()
const emitters = new Map<string, Emitter<WorkspaceEvents>>()

/** Makes, once, what starts runs in this process. */
function tracking(): TrackingCalls {
  const { files, platform, capture } = createNodeStoreHost(
    process.env,
    normalPath('.'),
    async () => ({})
  )
  const script = process.argv[1]
  calls ??= createTracking({
    files,
    platform,
    capture,
    hooks: createNodeProcessHooks(),
    env: process.env,
    cwd: () => normalPath('.'),
    ...(script === undefined ? {} : { script: normalPath(script) }),
    command: process.argv,
    openStore: openTrackedStore,
    events: eventsOf,
    print: (line) => void process.stderr.write(`${line}\n`)
  })
  return calls
}

/** Opens the store that all runs of a workspace share. */
async function openTrackedStore(folder?: string): Promise<WorkspaceStore> {
  const store = await openStore(folder, normalPath('.'))
  const known = trackedStores.get(store.folder)
  if (known !== undefined) return known
  trackedStores.set(store.folder, store)
  return store
}

/** Adds the workspace's settings of project and push, unless something stronger says otherwise. */
async function withSettings(options: StartRun): Promise<StartRun> {
  const { RUNTREE_PROJECT, RUNTREE_RUN } = process.env
  const isNamed = options.project !== undefined || RUNTREE_PROJECT || RUNTREE_RUN
  if (isNamed && options.push !== undefined) return options
  try {
    const { host, folder } = await openStore(options.workspace, normalPath('.'))
    const { project, push } = await readSettings(host.files, folder)
    return {
      ...options,
      ...(push === undefined || options.push !== undefined ? {} : { push }),
      ...(project === undefined || isNamed ? {} : { project })
    }
  } catch {
    // An unreadable setting must not stop an experiment; opening the workspace reports it.
    return options
  }
}

async function openStore(folder: string | undefined, cwd: string): Promise<WorkspaceStore> {
  const host = createNodeStoreHost(process.env, cwd, async () => {
    const settings = await readSettings(host.files, found)
    return { name: settings['author.name'], email: settings['author.email'] }
  })
  const { RUNTREE_HOME } = process.env
  const found =
    folder === undefined
      ? await findWorkspace(host.files, {
          runtreeHome: RUNTREE_HOME && normalPath(RUNTREE_HOME),
          cwd,
          home: normalPath(homedir())
        })
      : normalPath(folder)
  const stat = await host.files.stat(found)
  if (stat !== undefined && stat.kind !== 'folder' && stat.kind !== 'link') {
    throw storeErrors.create('STORE_WORKSPACE', { folder: found, reason: 'it is no folder' })
  }
  return new WorkspaceStore(host, found)
}

/** Returns what everybody in this process is told of a workspace by. */
function eventsOf({ folder }: WorkspaceStore): Emitter<WorkspaceEvents> {
  const events = emitters.get(folder) ?? new Emitter<WorkspaceEvents>()
  emitters.set(folder, events)
  return events
}

/** Returns the absolute form of a path, with `/` between names. */
function normalPath(path: string): string {
  return resolve(path).replaceAll('\\', '/')
}
