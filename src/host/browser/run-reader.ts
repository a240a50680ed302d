import { Backlog } from '../../base/backlog.ts'
import { concatBytes } from '../../base/bytes.ts'
import type { RunReader, WantedIndex } from '../../base/run-reader.ts'

/** What is said to a worker that reads records: some objects, that all came, or what is wanted of all. */
export type ToRunReader =
  | { readonly objects: Uint8Array }
  | { readonly commits: readonly string[] }
  | { readonly wanted: WantedIndex }

/** What it says: how many bytes of objects it has read, or the index that was wanted, and whether that was all. */
export type FromRunReader =
  | { readonly readBytes: number }
  | { readonly index: readonly Uint8Array[] | null; readonly isEmpty: boolean }

/** What a worker that reads records needs of its global scope. */
export interface RunReaderScope {
  onmessage: ((event: MessageEvent<ToRunReader>) => void) | null
  postMessage(message: FromRunReader, transfer: readonly Transferable[]): void
}

const NAME = 20
/** Before each object stand its name, the number of its type, and its length. */
const HEAD = NAME + 1 + 4
const TYPES: readonly string[] = ['commit', 'tree', 'blob']
/** What records of runs begin with. */
const START = Uint8Array.from('schema: run/', (char) => char.charCodeAt(0))
/** So much is sent at once. */
const BATCH_BYTES = 512 << 10
/** Larger objects are read when they are asked for. */
const MAX_OBJECT_BYTES = BATCH_BYTES - HEAD
/** When so much waits for the worker, it is waited for. */
const FULL_BYTES = 4 << 20
/** So much may wait where that can't be; what comes beyond it isn't read ahead. */
const MAX_WAITING_BYTES = 32 << 20
/** So much is made ready before it is asked for. */
const MAX_READY_BYTES = 64 << 20
/** So long what was read is there to be asked for. */
const KEPT_MS = 10_000

/** Lets records of runs be read by a worker that calls `serveRunReader`; one is started for each clone. */
export function openRunReader(startWorker: () => Worker): RunReader {
  let reader: WorkerReader | undefined
  const end = (): void => {
    reader?.close()
    reader = undefined
  }
  return {
    get hasRuns() {
      return reader?.hasRuns === true
    },
    start() {
      end()
      try {
        reader = new WorkerReader(startWorker(), end)
      } catch {
        // Where there are no workers, all is read by this one.
      }
    },
    take: (type, name, bytes) => reader?.take(type, name, bytes),
    drain: () => reader?.drain(),
    prepare: (commits) => reader?.prepare(commits),
    index: async (wanted) => reader?.index(wanted)
  }
}

class WorkerReader {
  hasRuns = false
  readonly #worker: Worker
  readonly #onEnd: () => void
  #batch = new Uint8Array(BATCH_BYTES)
  #used = 0
  readonly #backlog = new Backlog(FULL_BYTES)
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Who waits for an index, in the order in which they asked. */
  readonly #asked: ((index: Uint8Array | undefined) => void)[] = []

  constructor(worker: Worker, onEnd: () => void) {
    this.#worker = worker
    this.#onEnd = onEnd
    worker.onmessage = ({ data }: MessageEvent<FromRunReader>) => {
      if (!('index' in data)) {
        this.#backlog.remove(data.readBytes)
        return
      }
      this.#asked.shift()?.(data.index === null ? undefined : concatBytes(data.index))
      if (data.isEmpty) onEnd()
    }
    worker.onerror = (event) => {
      event.preventDefault()
      onEnd()
    }
  }

  take(type: string, name: Uint8Array, bytes: Uint8Array): void {
    const isBlob = type === 'blob'
    if (bytes.length > MAX_OBJECT_BYTES || (isBlob && !startsRecord(bytes))) return
    if (this.#backlog.waitingBytes > MAX_WAITING_BYTES) return
    const { length } = bytes
    if (this.#used + HEAD + length > BATCH_BYTES) this.#send()
    const at = this.#used
    this.#batch.set(name, at)
    this.#batch[at + NAME] = TYPES.indexOf(type)
    new DataView(this.#batch.buffer).setUint32(at + NAME + 1, length)
    this.#batch.set(bytes, at + HEAD)
    this.#used = at + HEAD + length
    this.hasRuns ||= isBlob
  }

  drain(): Promise<void> | undefined {
    return this.#backlog.drain()
  }

  prepare(commits: readonly string[]): void {
    this.#send()
    if (this.hasRuns) this.#post({ commits }, [])
  }

  index(wanted: WantedIndex): Promise<Uint8Array | undefined> {
    this.#send()
    return new Promise((resolve) => {
      this.#asked.push(resolve)
      this.#post({ wanted }, [])
    })
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#worker.terminate()
    this.#backlog.remove(this.#backlog.waitingBytes)
    for (const answer of this.#asked.splice(0)) answer(undefined)
  }

  #send(): void {
    if (this.#used === 0) return
    const objects = this.#batch.subarray(0, this.#used)
    this.#backlog.add(this.#used)
    this.#post({ objects }, [objects.buffer])
    this.#batch = new Uint8Array(BATCH_BYTES)
    this.#used = 0
  }

  #post(message: ToRunReader, transfer: Transferable[]): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onEnd, KEPT_MS)
    this.#worker.postMessage(message, transfer)
  }
}

function startsRecord(bytes: Uint8Array): boolean {
  for (let at = 0; at < START.length; at++) if (bytes[at] !== START[at]) return false
  return true
}

/** Answers what `openRunReader` says, in its worker. */
export function answerRunReader(
  scope: RunReaderScope,
  read: {
    readonly isEmpty: boolean
    take(type: string, name: Uint8Array, bytes: Uint8Array): void
    /** Lists what may be asked about the runs that commits lead to. */
    listWanted(commits: readonly string[]): readonly WantedIndex[]
    /** Formats an index, in parts that are the caller's. */
    format(wanted: WantedIndex): readonly Uint8Array[] | undefined
  }
): void {
  const ready = new Map<string, readonly Uint8Array[]>()
  const asked = new Set<string>()
  const prepare = (left: readonly WantedIndex[]): void => {
    const [wanted, ...others] = left
    if (wanted === undefined) return
    const index = asked.has(keyOf(wanted)) ? undefined : read.format(wanted)
    if (index !== undefined) ready.set(keyOf(wanted), index)
    // What is asked meanwhile comes first.
    if (bytesOf(ready) < MAX_READY_BYTES) setTimeout(() => prepare(others))
  }
  scope.onmessage = ({ data }) => {
    if ('commits' in data) return prepare(read.listWanted(data.commits))
    if ('wanted' in data) {
      const key = keyOf(data.wanted)
      const index = ready.get(key) ?? read.format(data.wanted)
      asked.add(key)
      ready.delete(key)
      const message = { index: index ?? null, isEmpty: read.isEmpty && ready.size === 0 }
      scope.postMessage(message, index?.map(({ buffer }) => buffer) ?? [])
      return
    }
    const { objects } = data
    const view = new DataView(objects.buffer, objects.byteOffset, objects.length)
    for (let at = 0; at < objects.length; ) {
      const start = at + HEAD
      const end = start + view.getUint32(at + NAME + 1)
      const type = TYPES[objects[at + NAME] as number] as string
      read.take(type, objects.subarray(at, at + NAME), objects.subarray(start, end))
      at = end
    }
    scope.postMessage({ readBytes: objects.length }, [])
  }
}

function keyOf({ experiment, treeOid }: WantedIndex): string {
  return `${experiment} ${treeOid}`
}

function bytesOf(indices: ReadonlyMap<string, readonly Uint8Array[]>): number {
  return [...indices.values()].flat().reduce((sum, { length }) => sum + length, 0)
}
