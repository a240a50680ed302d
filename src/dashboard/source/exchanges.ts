import type { ExchangeOptions, SyncReport } from '../../service/sync.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { SyncRequest } from './requests.ts'
import type { SyncAnswer } from './run-answers.ts'
import type { CallOptions } from './source.ts'

/** Exchanges with remotes. */
export function createExchanges(workspace: Workspace) {
  const asking = ({ address, remote }: SyncRequest, call: CallOptions) => ({
    in: address,
    ...(remote === undefined ? {} : { remote }),
    ...exchangeOptions(call)
  })
  return {
    push: async (request: SyncRequest, call: CallOptions) =>
      answerOf([await workspace.push(asking(request, call))]),
    pull: async (request: SyncRequest, call: CallOptions) =>
      answerOf([await workspace.pull(asking(request, call))]),
    sync: async (request: SyncRequest, call: CallOptions) => {
      const pulled = await workspace.pull(asking(request, call))
      return answerOf([pulled, await workspace.push(asking(request, call))])
    }
  }
}

/** More often nobody can see how far something is, and telling it takes longer than doing it. */
const PROGRESS_MS = 100

/** Returns what an exchange is called with, so that a call hears now and then how far it is. */
export function exchangeOptions({
  signal,
  onProgress
}: CallOptions): Pick<ExchangeOptions, 'signal' | 'onProgress'> {
  let toldMs = Number.NEGATIVE_INFINITY
  return {
    ...(signal === undefined ? {} : { signal }),
    onProgress: (progress) => {
      const nowMs = Date.now()
      if (progress.kind === 'message' || nowMs - toldMs < PROGRESS_MS) return
      toldMs = nowMs
      const { kind, objects, total } = progress
      const text = kind === 'sent' ? 'sending objects' : 'receiving objects'
      onProgress?.({ text, done: objects, ...(total === undefined ? {} : { total }) })
    }
  }
}

/** Calls a method, which hears meanwhile how much comes of what was left at a remote. */
export async function withArrivals<T>(
  { events }: Workspace,
  { onProgress }: CallOptions,
  body: () => Promise<T>
): Promise<T> {
  if (onProgress === undefined) return body()
  // What comes at once needs no word.
  let toldMs = Date.now()
  const stop = events.on('fetch', ({ receivedBytes: bytes, objects, total }) => {
    const nowMs = Date.now()
    if (nowMs - toldMs < PROGRESS_MS) return
    toldMs = nowMs
    const count = total === undefined ? {} : { total }
    onProgress({ text: 'receiving objects', done: objects, ...count, bytes })
  })
  try {
    return await body()
  } finally {
    stop()
  }
}

/** Joins what one exchange after another came to; of a branch that both name the later counts, unless it says nothing. */
function answerOf(reports: readonly SyncReport[]): SyncAnswer {
  const refs = new Map<string, SyncAnswer['refs'][number]>()
  for (const report of reports) {
    for (const { ref, experiment, status, reason, conflicts = [] } of report.refs) {
      const before = refs.get(ref)
      if (before !== undefined && status === 'unchanged') continue
      refs.set(ref, {
        ref,
        status: before?.status === 'merged' ? 'merged' : status,
        conflicts: conflicts.length + (before?.conflicts ?? 0),
        ...(experiment === undefined ? {} : { experiment }),
        ...(reason === undefined ? {} : { reason })
      })
    }
  }
  const { remote = '', url = '' } = reports[0] ?? {}
  const receivedBytes = reports.reduce((sum, report) => sum + report.receivedBytes, 0)
  return { remote, url, refs: [...refs.values()], receivedBytes }
}
