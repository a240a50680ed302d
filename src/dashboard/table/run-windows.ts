import { equalJson, type Json } from '../../base/json.ts'
import { isAbort } from '../parts/failure.ts'
import { withWork } from '../parts/load.ts'
import type { FindAnswer, RunRow } from '../source/answers.ts'
import type { FindRequest } from '../source/requests.ts'
import type { Source } from '../source/source.ts'

const WINDOW = 200
/** So many windows are kept; those that were used longest ago go first. */
const KEPT = 40
/** So many rows before and behind those in sight are read with them. */
const AHEAD = 100
/** Windows are read at most this often, since one may scroll past many. */
const PAUSE_MS = 70

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
  /** The values of the first row that came, and the columns in which another one differs from it. */
  #sample: readonly Json[] | undefined
  readonly #differing = new Set<number>()
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

  /** Tells whether rows that were here differ in a column of the question. */
  differsIn(column: number): boolean {
    return this.#differing.has(column)
  }

  #compare(rows: readonly RunRow[]): void {
    this.#sample ??= rows[0]?.values
    for (const [column, value] of this.#sample?.entries() ?? []) {
      if (this.#differing.has(column)) continue
      const isOther = ({ values }: RunRow): boolean => !equalJson(values[column] ?? null, value)
      if (rows.some(isOther)) this.#differing.add(column)
    }
  }

  /** The rows that are here, in order. */
  get rows(): readonly RunRow[] {
    return [...this.#windows].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows)
  }

  /** Reads the rows of a range that aren't here, and gives up others that are on their way. */
  show(from: number, to: number): void {
    this.#range = { from, to }
    const { first, last } = this.#wanted()
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
    if (this.#timer === undefined) this.#readMissing()
  }

  /** The windows of the range and of what is near. */
  #wanted(): { readonly first: number; readonly last: number } {
    const { from, to } = this.#range
    const end = this.answer === undefined ? to : Math.min(to + AHEAD, this.answer.total - 1)
    const first = Math.max(0, Math.floor((from - AHEAD) / WINDOW))
    return { first, last: Math.max(first, Math.floor(end / WINDOW)) }
  }

  #readMissing(): void {
    this.#timer = undefined
    const { first, last } = this.#wanted()
    let isAny = false
    for (let index = first; index <= last; index++) {
      if (this.#windows.has(index) || this.#pending.has(index)) continue
      this.#read(index)
      isAny = true
    }
    if (isAny) this.#timer = setTimeout(() => this.#readMissing(), PAUSE_MS)
  }

  /** Reads again what is in sight; until that is here, the old rows stay. */
  refresh(): void {
    const { first, last } = this.#wanted()
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
        this.#compare(answer.rows)
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
