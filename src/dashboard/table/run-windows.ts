import { isAbort } from '../parts/failure.ts'
import { withWork } from '../parts/load.ts'
import type { FindAnswer, RunRow } from '../source/answers.ts'
import type { FindRequest } from '../source/requests.ts'
import type { Source } from '../source/source.ts'

const WINDOW = 200
/** So many windows are kept; those that were used longest ago go first. */
const KEPT = 40
/** So long a window must be in sight before it is read, unless it is the first: one may scroll past it. */
const SETTLED_MS = 70

/** What is asked; without a window. */
export type TableQuery = Pick<FindRequest, 'address' | 'sort' | 'columns'> & {
  readonly filter?: string
}

/** The rows of a question about runs, read in windows as they come into sight. */
export class RunWindows {
  readonly #source: Source
  readonly query: TableQuery
  readonly #onChange: () => void
  readonly #windows = new Map<number, readonly RunRow[]>()
  readonly #pending = new Map<number, AbortController>()
  #isClosed = false
  #range = { from: 0, to: 0 }
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The last answer; `undefined` before the first. */
  answer: FindAnswer | undefined
  /** Why the last read failed. */
  error: unknown

  constructor(source: Source, query: TableQuery, onChange: () => void) {
    this.#source = source
    this.query = query
    this.#onChange = onChange
  }

  /** Returns a row; `undefined` while it isn't here. */
  row(index: number): RunRow | undefined {
    return this.#windows.get(Math.floor(index / WINDOW))?.[index % WINDOW]
  }

  /** The rows that are here, in order. */
  get rows(): readonly RunRow[] {
    return [...this.#windows].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows)
  }

  /** Reads the rows of a range that aren't here, and gives up others that are on their way. */
  show(from: number, to: number): void {
    this.#range = { from, to }
    const first = Math.max(0, Math.floor(from / WINDOW))
    const last = Math.max(first, Math.floor(to / WINDOW))
    for (const [index, controller] of this.#pending) {
      if (index >= first && index <= last) continue
      controller.abort()
      this.#pending.delete(index)
    }
    for (let index = first; index <= last; index++) {
      const known = this.#windows.get(index)
      if (known === undefined) continue
      // Moved to the end: used last.
      this.#windows.delete(index)
      this.#windows.set(index, known)
    }
    clearTimeout(this.#timer)
    const isFirst = this.#windows.size === 0
    if (isFirst) this.#readMissing(first, last)
    else this.#timer = setTimeout(() => this.#readMissing(first, last), SETTLED_MS)
  }

  #readMissing(first: number, last: number): void {
    for (let index = first; index <= last; index++) {
      if (!this.#windows.has(index) && !this.#pending.has(index)) this.#read(index)
    }
  }

  /** Reads again what is in sight; until that is here, the old rows stay. */
  refresh(): void {
    const { from, to } = this.#range
    const first = Math.max(0, Math.floor(from / WINDOW))
    const last = Math.max(first, Math.floor(to / WINDOW))
    for (const index of [...this.#windows.keys()]) {
      if (index < first || index > last) this.#windows.delete(index)
    }
    for (let index = first; index <= last; index++) this.#read(index)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const controller of this.#pending.values()) controller.abort()
  }

  #read(index: number): void {
    this.#pending.get(index)?.abort()
    const controller = new AbortController()
    this.#pending.set(index, controller)
    const request = { ...this.query, offset: index * WINDOW, limit: WINDOW }
    const isOver = (): boolean => this.#isClosed || controller.signal.aborted
    withWork(() => this.#source.find(request, { signal: controller.signal })).then(
      (answer) => {
        if (isOver()) return
        this.#pending.delete(index)
        this.answer = answer
        this.error = undefined
        this.#windows.set(index, answer.rows)
        if (this.#windows.size > KEPT) this.#windows.delete([...this.#windows.keys()][0] as number)
        this.#onChange()
      },
      (error) => {
        if (this.#pending.get(index) === controller) this.#pending.delete(index)
        if (isOver() || isAbort(error)) return
        this.error = error
        this.#onChange()
      }
    )
  }
}

/** So many rows are read at once where all are wanted. */
const BATCH = 5000

/** Reads every row of a question, in batches. */
export async function* readAllRows(
  source: Source,
  query: TableQuery,
  signal?: AbortSignal
): AsyncGenerator<readonly RunRow[]> {
  for (let offset = 0; ; offset += BATCH) {
    const request = { ...query, offset, limit: BATCH }
    const { rows, total } = await source.find(request, signal === undefined ? {} : { signal })
    yield rows
    if (rows.length === 0 || offset + rows.length >= total) return
  }
}
