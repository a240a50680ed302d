import { loadParts } from '../service/load-parts.ts'
import type { FromWorker, ToWorker } from './client/worker-messages.ts'
import { openRemoteSource, RUN_READER, serveRunReader } from './remote-source.ts'
import { problemOf } from './source/failures.ts'
import type { CallOptions, Source } from './source/source.ts'

/** What of a worker's global scope is used here; the types of pages don't have it. */
interface WorkerScope {
  readonly name: string
  postMessage(message: FromWorker, transfer?: readonly Transferable[]): void
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null
}

/** When what is needed seldom is loaded: what is shown comes first. */
const QUIET_MS = 5000

const scope = globalThis as unknown as WorkerScope
const running = new Map<number, AbortController>()
let source: Promise<Source> | undefined

function serveSource(): void {
  scope.onmessage = ({ data }) => {
    const reason = new DOMException('It was stopped.', 'AbortError')
    if ('stop' in data) running.get(data.id)?.abort(reason)
    else void answer(data)
  }
}

async function answer(message: Exclude<ToWorker, { readonly stop: true }>): Promise<void> {
  const { id } = message
  const controller = new AbortController()
  running.set(id, controller)
  const options: CallOptions = {
    signal: controller.signal,
    onProgress: (progress) => scope.postMessage({ id, progress })
  }
  try {
    if ('open' in message) {
      source = openRemoteSource(message.open, options)
      await source
      setTimeout(() => void loadParts(), QUIET_MS)
      scope.postMessage({ id, value: null })
    } else {
      const method = (await source)?.[message.method] as (
        request: object,
        options: CallOptions
      ) => Promise<unknown>
      scope.postMessage({ id, value: await method(message.request, options) })
    }
  } catch (error) {
    scope.postMessage({ id, error: problemOf(error) })
  } finally {
    running.delete(id)
  }
}

if (scope.name === RUN_READER) serveRunReader()
else serveSource()
