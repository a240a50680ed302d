import { compareCodePoints } from '../base/bytes.ts'
import type { JsonObject } from '../base/json.ts'
import type {
  DatasetRecord,
  EnvironmentRecord,
  ExecutionRecord,
  MetricDeclaration
} from '../model/records.ts'
import { compareFields } from '../query/compare.ts'
import { findRuns, groupRuns } from '../query/find.ts'
import type { LoadedRun, RowSet } from '../query/row-set.ts'
import { createSubjectRows, subjectOf } from '../query/subject-rows.ts'
import type { RunComparison } from './compare.ts'
import { resultOf } from './found-runs.ts'
import type { StoredObject } from './objects.ts'
import type { FindOptions, FindResult, GroupOptions, GroupResult } from './query.ts'

/** A run with what belongs to it. */
export interface KeptRun {
  readonly run: StoredObject<'run'>
  readonly experiment?: object | undefined
  readonly environment?: EnvironmentRecord | undefined
  readonly execution?: ExecutionRecord | undefined
}

/** Runs that lie in memory, such as those of a report, and answer the questions that a workspace answers. */
export class KeptRuns {
  readonly #runs: readonly KeptRun[]
  readonly #datasets: { readonly [dataset: string]: DatasetRecord }
  readonly #nowMs: number
  /** The runs at or below an address that was asked about. */
  readonly #sets = new Map<string, RowSet>()

  constructor(
    runs: readonly KeptRun[],
    options: {
      /** By slug. Default: none. */
      readonly datasets?: { readonly [dataset: string]: DatasetRecord }
      /** The moment that `now` means. */
      readonly nowMs: number
    }
  ) {
    this.#runs = runs
    this.#datasets = options.datasets ?? {}
    this.#nowMs = options.nowMs
  }

  async find(options: FindOptions = {}): Promise<FindResult> {
    const sets = [this.#setOf(options.in)]
    return resultOf(await findRuns(options, this.#nowMs, async () => sets))
  }

  group(options: GroupOptions): Promise<GroupResult> {
    const sets = [this.#setOf(options.in)]
    return groupRuns(options, this.#nowMs, async () => sets)
  }

  /** Lists the names that runs gave to parameters and metrics. */
  names(address?: string): readonly string[] {
    return [...this.#setOf(address).names()].sort(compareCodePoints)
  }

  /** Sets the fields of runs beside each other. */
  compare(
    runs: readonly KeptRun[],
    declared: (run: KeptRun) => { readonly [metric: string]: MetricDeclaration }
  ): Promise<RunComparison['sections']> {
    const sources = runs.map((kept) => ({
      project: kept.run.project,
      experiment: kept.run.key.experiment,
      fields: kept.run.fields,
      environment: kept.environment,
      baseCommitOid: kept.environment?.code?.commit ?? kept.execution?.commits?.[0],
      metrics: declared(kept)
    }))
    return compareFields(sources, { all: true, nowMs: this.#nowMs })
  }

  /** Returns the set of the runs at or below an address. */
  #setOf(address = ''): RowSet {
    const set = this.#sets.get(address) ?? this.#makeSet(address)
    this.#sets.set(address, set)
    return set
  }

  #makeSet(address: string): RowSet {
    const kept = this.#runs.filter(
      ({ run }) => address === '' || `${run.address}/`.startsWith(`${address}/`)
    )
    const loaded = kept.map(
      ({ run }): LoadedRun => ({
        store: { slug: run.project },
        key: run.key,
        record: run.fields,
        commitOid: run.commitOid
      })
    )
    const subjects = kept.map(({ experiment, environment, execution }, index) => {
      const subject = subjectOf(loaded[index] as LoadedRun)
      const related = {
        experiment,
        environment,
        execution,
        datasets: this.#datasetsOf(subject.fields)
      }
      return { ...subject, related }
    })
    return createSubjectRows(subjects, loaded, this.#nowMs)
  }

  #datasetsOf({ datasets }: JsonObject): { readonly [dataset: string]: DatasetRecord } {
    return datasets === undefined ? {} : this.#datasets
  }
}
