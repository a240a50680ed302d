import { compareCodePoints } from '../base/bytes.ts'
import { countRuns, findRuns, goalOf, groupRuns } from '../query/find.ts'
import { openRows } from '../query/open-rows.ts'
import type { RowSet, WantedFields } from '../query/row-set.ts'
import type { QueryScope } from '../query/scan.ts'
import { tableRuns } from '../query/table.ts'
import { resultOf } from './found-runs.ts'
import type {
  BestOptions,
  FindOptions,
  FindResult,
  GroupOptions,
  GroupResult,
  QueryOptions,
  RunTable
} from './query.ts'

/** Opens the experiments that a question is about. */
export type OpenScopes = (options: QueryOptions) => AsyncIterable<QueryScope>

/** Answers questions about runs. */
export class RunQueries {
  readonly #open: OpenScopes
  readonly #now: () => number

  constructor(open: OpenScopes, now: () => number) {
    this.#open = open
    this.#now = now
  }

  async find(options: FindOptions): Promise<FindResult> {
    const nowMs = this.#now()
    return resultOf(await findRuns(options, nowMs, (wanted) => this.#sets(options, wanted, nowMs)))
  }

  table(options: FindOptions): Promise<RunTable> {
    const nowMs = this.#now()
    return tableRuns(options, nowMs, (fields) => this.#sets(options, fields, nowMs))
  }

  count(options: QueryOptions): Promise<number> {
    const nowMs = this.#now()
    return countRuns(options.filter, nowMs, (wanted) => this.#sets(options, wanted, nowMs))
  }

  group(options: GroupOptions): Promise<GroupResult> {
    const nowMs = this.#now()
    return groupRuns(options, nowMs, (wanted) => this.#sets(options, wanted, nowMs))
  }

  async best(options: BestOptions): Promise<FindResult> {
    const { metric, goal, columns = [], limit = 1, ...more } = options
    const declared = metric !== undefined && goal !== undefined ? [] : await this.#declared(options)
    const { sort, field } = goalOf(metric, goal, declared)
    const found = await this.find({ ...more, limit, sort, columns: [field, ...columns] })
    return {
      ...found,
      rows: found.rows.filter(
        ({ values: [value] }) => typeof value === 'number' && !Number.isNaN(value)
      )
    }
  }

  async names(options: QueryOptions): Promise<readonly string[]> {
    const fields = [['params'], ['metrics']]
    const sets = await this.#sets(options, { fields, maps: [] }, this.#now())
    return [...new Set(sets.flatMap((set) => [...set.names()]))].sort(compareCodePoints)
  }

  async #sets(
    options: QueryOptions,
    wanted: WantedFields,
    nowMs: number
  ): Promise<readonly RowSet[]> {
    const sets: RowSet[] = []
    for await (const scope of this.#open(options)) {
      options.signal?.throwIfAborted()
      sets.push(...(await openRows(scope, wanted, nowMs)))
    }
    return sets
  }

  /** Reads what the experiments of a question declare of metrics. */
  async #declared(options: QueryOptions) {
    const declared = []
    for await (const { view, below } of this.#open({ ...options, onDamaged: () => undefined })) {
      if (!('experiment' in below)) continue
      const { experiment } = below
      const record = await view
        .record<'experiment'>({ kind: 'experiment', experiment })
        .catch(() => undefined)
      if (record?.metrics !== undefined) declared.push(record.metrics)
    }
    return declared
  }
}
