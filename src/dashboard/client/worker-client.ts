import { sourceOf } from '../source/call-source.ts'
import type { CallOptions, Source } from '../source/source.ts'
import { SourceError } from '../source/source-error.ts'
import type { FromWorker, RemoteToOpen, ToWorker } from './worker-messages.ts'

/** Somebody who waits for a worker. */
interface Waiting {
  readonly options: CallOptions
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** A source in a worker of this page. */
export interface WorkerSource {
  readonly source: Source
  /** Ends the worker. */
  close(): void
}

/** A worker that loads. */
interface Starting {
  readonly worker: Worker
  /** Why it can't be loaded, if that is known. */
  failure?: ErrorEvent
}

let early: Starting | undefined

/** Lets the worker load while the page does, which will open a source in it. */
export function startWorker(): void {
  early ??= start()
}

function start(): Starting {
  const worker = new Worker(new URL('worker.js', document.baseURI), { type: 'module' })
  const starting: Starting = { worker }
  worker.onerror = (event) => {
    starting.failure = event
  }
  return starting
}

/**
 * Opens a project of a remote in a worker, which keeps it in the browser's storage.
 *
 * @throws SourceError: what cloning fails with, if nothing of it is here yet.
 */
export async function openWorkerSource(
  remote: RemoteToOpen,
  options: CallOptions = {}
): Promise<WorkerSource> {
  const { worker, failure } = early ?? start()
  early = undefined
  const waiting = new Map<number, Waiting>()
  let latest = 0
  const ask = (message: object, options: CallOptions): Promise<unknown> => {
    const id = ++latest
    options.signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      waiting.set(id, { options, resolve, reject })
      options.signal?.addEventListener('abort', () => {
        if (!waiting.delete(id)) return
        send({ id, stop: true })
        reject(options.signal?.reason)
      })
      send({ id, ...message } as ToWorker)
    })
  }
  const send = (message: ToWorker): void => worker.postMessage(message)
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    const one = waiting.get(data.id)
    if ('progress' in data) return one?.options.onProgress?.(data.progress)
    waiting.delete(data.id)
    if ('error' in data) one?.reject(new SourceError(data.error))
    else one?.resolve(data.value)
  }
  const onFailure = (event: ErrorEvent): void => {
    // Of a script that can't be loaded nothing more is told.
    const message =
      event.message || 'The part of this page that reads repositories can’t be loaded.'
    const error = new SourceError({ code: 'WORKER', message, hint: 'Reload the page.' })
    for (const one of waiting.values()) one.reject(error)
    waiting.clear()
  }
  worker.onerror = onFailure
  try {
    const opened = ask({ open: remote }, options)
    if (failure !== undefined) onFailure(failure)
    await opened
  } catch (error) {
    worker.terminate()
    throw error
  }
  return {
    source: sourceOf((method, request, call) => ask({ method, request }, call)),
    close: () => worker.terminate()
  }
}
