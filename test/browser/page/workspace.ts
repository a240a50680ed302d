import type { OpenWorkspaceOptions, SyncReport, Workspace } from 'runtree'
import * as runtree from 'runtree'

/** What the tests in Node have a page do. */
const actions = {
  append,
  clone,
  count,
  countInWorker,
  fill,
  interrupted,
  push,
  pull,
  putForEver,
  statusOf,
  stored,
  appendFailure,
  failure
}

export type Actions = typeof actions

type Token = { readonly token?: string }

Object.assign(globalThis, { actions })

async function using<T>(
  options: OpenWorkspaceOptions,
  body: (workspace: Workspace) => Promise<T>
): Promise<T> {
  const workspace = await runtree.openWorkspace(options)
  try {
    return await body(workspace)
  } finally {
    await workspace.close()
  }
}

/** Makes a project with one experiment and some runs, one put each. */
async function fill(options: OpenWorkspaceOptions & { readonly runs: number }): Promise<void> {
  await using(options, async (workspace) => {
    await workspace.projects.create({ name: 'Vision' })
    await workspace.experiments.create({ name: 'Train', in: 'vision' })
    for (let run = 0; run < options.runs; run++) {
      await workspace.runs.create({ name: `run ${run}`, in: 'vision/train', params: { k: run } })
    }
  })
}

/** Adds runs, several at once. */
async function append(
  options: OpenWorkspaceOptions & { readonly names: readonly string[]; readonly notes?: string }
): Promise<void> {
  await using(options, async (workspace) => {
    await Promise.all(
      options.names.map((name) =>
        workspace.runs.create({ name, in: 'vision/train', notes: options.notes ?? '' })
      )
    )
  })
}

/** Adds runs until the page is closed; the page's title says how many were acknowledged. */
async function putForEver(options: OpenWorkspaceOptions): Promise<never> {
  const workspace = await runtree.openWorkspace(options)
  for (let run = 0; ; run++) {
    await workspace.runs.create({ name: `put ${run}`, in: 'vision/train' })
    document.title = `${run + 1}`
  }
}

/** Returns the names of all runs. */
function stored(options: OpenWorkspaceOptions): Promise<readonly string[]> {
  return using(options, async (workspace) => {
    const found: string[] = []
    for await (const { fields } of workspace.runs.list({ in: 'vision/train' })) {
      found.push(fields.name ?? '')
    }
    return found.sort()
  })
}

async function count(options: OpenWorkspaceOptions): Promise<number> {
  return (await stored(options)).length
}

/** Counts the runs as a worker finds them. */
function countInWorker(options: OpenWorkspaceOptions): Promise<number> {
  return new Promise((resolve) => {
    const worker = new Worker('/worker.js', { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data)
    worker.postMessage(options)
  })
}

function push(
  options: OpenWorkspaceOptions & Token & { readonly url?: string }
): Promise<SyncReport> {
  return using(options, async (workspace) => {
    if (options.url !== undefined)
      await workspace.remotes.add('origin', options.url, { in: 'vision' })
    return workspace.push({ in: 'vision', ...credentialOf(options) })
  })
}

function pull(options: OpenWorkspaceOptions & Token): Promise<SyncReport> {
  return using(options, (workspace) => workspace.pull({ in: 'vision', ...credentialOf(options) }))
}

function clone(
  options: OpenWorkspaceOptions & Token & { readonly url: string }
): Promise<SyncReport> {
  return using(options, (workspace) => workspace.clone(options.url, credentialOf(options)))
}

/** Returns the code and message with which a clone fails. */
async function failure(
  options: OpenWorkspaceOptions & Token & { readonly url: string }
): Promise<string> {
  return clone(options).then(
    () => 'it did not fail',
    (error) => `${error.code}: ${error.message}`
  )
}

/** Returns the code and message with which adding runs fails. */
async function appendFailure(
  options: OpenWorkspaceOptions & { readonly names: readonly string[] }
): Promise<string> {
  return append(options).then(
    () => 'it did not fail',
    (error) => `${error.code}: ${error.message}`
  )
}

/** Ends the runs of closed pages; returns the state of a run and how many points of its loss are there. */
function statusOf(
  options: OpenWorkspaceOptions & { readonly address: string }
): Promise<readonly [string | undefined, number]> {
  return using(options, async (workspace) => {
    await workspace.runs.recover({ in: 'vision' })
    const run = await workspace.runs.get(options.address)
    let points = 0
    for await (const _ of workspace.runs.series(options.address)) points++
    return [run?.fields.status, points]
  })
}

/** Starts a run that logs, and leaves it; returns its address. */
async function interrupted(): Promise<string> {
  const run = await runtree.startRun({ project: 'vision', experiment: 'live' })
  for (let step = 0; step < 5; step++) run.log({ loss: 1 / (step + 1) }, { step })
  await run.flush()
  return run.address
}

function credentialOf({ token }: Token): {
  readonly credential?: { readonly username: string; readonly password: string }
} {
  return token === undefined ? {} : { credential: { username: 'ada', password: token } }
}
