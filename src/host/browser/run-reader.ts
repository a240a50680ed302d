import { formatHex } from '../../base/bytes.ts'
import type { RunReader, WantedIndex } from '../../base/run-reader.ts'

/** What is said to a worker that reads records: some of them, or what is wanted of all. */
export type ToRunReader = { readonly records: Uint8Array } | { readonly wanted: WantedIndex }

/** What it says: how many bytes of records it has read, or the index that was wanted, and whether that was all. */
export type FromRunReader =
  | { readonly readBytes: number }
  | { readonly index: Uint8Array | null; readonly isEmpty: boolean }

/** What a worker that reads records needs of its global scope. */
export interface RunReaderScope {
  onmessage: ((event: MessageEvent<ToRunReader>) => void) | null
  postMessage(message: FromRunReader, transfer: readonly Transferable[]): void
}

const NAME = 20
/** Before each record stand its name and its length. */
const HEAD = NAME + 4
/** What records of runs begin with. */
const START = Uint8Array.from('schema: run/', (char) => char.charCodeAt(0))
/** So much is sent at once. */
const BATCH_BYTES = 512 << 10
/** Larger records are read when they are asked for. */
const MAX_RECORD_BYTES = BATCH_BYTES - HEAD
/** So much may wait for the worker; what comes beyond it isn't read ahead. */
const MAX_WAITING_BYTES = 32 << 20
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
    take: (name, bytes) => reader?.take(name, bytes),
    index: async (wanted) => reader?.index(wanted)
  }
}

class WorkerReader {
  hasRuns = false
  readonly #worker: Worker
  readonly #onEnd: () => void
  #batch = new Uint8Array(BATCH_BYTES)
  #used = 0
  #waitingBytes = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Who waits for an index, in the order in which they asked. */
  readonly #asked: ((index: Uint8Array | undefined) => void)[] = []

  constructor(worker: Worker, onEnd: () => void) {
    this.#worker = worker
    this.#onEnd = onEnd
    worker.onmessage = ({ data }: MessageEvent<FromRunReader>) => {
      if (!('index' in data)) {
        this.#waitingBytes -= data.readBytes
        return
      }
      this.#asked.shift()?.(data.index ?? undefined)
      if (data.isEmpty) onEnd()
    }
    worker.onerror = (event) => {
      event.preventDefault()
      onEnd()
    }
  }

  take(name: Uint8Array, bytes: Uint8Array): void {
    if (bytes.length > MAX_RECORD_BYTES || !startsRecord(bytes)) return
    if (this.#waitingBytes > MAX_WAITING_BYTES) return
    const { length } = bytes
    if (this.#used + HEAD + length > BATCH_BYTES) this.#send()
    const at = this.#used
    this.#batch.set(name, at)
    new DataView(this.#batch.buffer).setUint32(at + NAME, length)
    this.#batch.set(bytes, at + HEAD)
    this.#used = at + HEAD + length
    this.hasRuns = true
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
    for (const answer of this.#asked.splice(0)) answer(undefined)
  }

  #send(): void {
    if (this.#used === 0) return
    const records = this.#batch.subarray(0, this.#used)
    this.#waitingBytes += this.#used
    this.#post({ records }, [records.buffer])
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
    take(oid: string, bytes: Uint8Array): void
    format(wanted: WantedIndex): Uint8Array | undefined
  }
): void {
  scope.onmessage = ({ data }) => {
    if ('wanted' in data) {
      const index = read.format(data.wanted)
      const message = { index: index ?? null, isEmpty: read.isEmpty }
      scope.postMessage(message, index === undefined ? [] : [index.buffer])
      return
    }
    const { records } = data
    const view = new DataView(records.buffer, records.byteOffset, records.length)
    for (let at = 0; at < records.length; ) {
      const start = at + HEAD
      const end = start + view.getUint32(at + NAME)
      read.take(formatHex(records, at, at + NAME), records.subarray(start, end))
      at = end
    }
    scope.postMessage({ readBytes: records.length }, [])
  }
}
