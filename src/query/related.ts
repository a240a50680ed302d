import type { JsonObject } from '../base/json.ts'
import { isJsonObject } from '../base/json.ts'
import { pathOf } from '../format/paths.ts'
import type { KeyOf, Kind, ObjectKey } from '../model/kinds.ts'
import { type Damage, listRecords } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { View } from '../store/view.ts'
import type { FieldPath } from './language/filter.ts'
import { type RelatedRecords, relatedBy } from './language/lookup.ts'

/** The other records that a question needs. */
export type Needs = ReadonlySet<keyof RelatedRecords>

/** Tells which other records are needed to know some fields. */
export function neededFor(fields: readonly FieldPath[]): Needs {
  return new Set(fields.map(relatedBy).filter((need) => need !== undefined))
}

/** Reads the records to which runs of one experiment lead, each of them once. */
export class RelatedReader {
  readonly #store: ProjectStore
  readonly #view: View
  readonly #needs: Needs
  readonly #onDamaged: (damage: Damage) => void
  readonly #known = new Map<string, Promise<object | undefined>>()
  #datasets: Promise<{ readonly [dataset: string]: object }> | undefined

  constructor(store: ProjectStore, view: View, needs: Needs, onDamaged: (damage: Damage) => void) {
    this.#store = store
    this.#view = view
    this.#needs = needs
    this.#onDamaged = onDamaged
  }

  /** Reads what a run leads to; a record that can't be read is reported and absent. */
  async read(key: KeyOf<'run'>, fields: JsonObject): Promise<RelatedRecords> {
    const { experiment, run } = key
    const { execution } = fields
    return {
      ...(this.#needs.has('experiment') && {
        experiment: await this.#shared({ kind: 'experiment', experiment })
      }),
      ...(this.#needs.has('execution') &&
        typeof execution === 'string' && {
          execution: await this.#shared({ kind: 'execution', experiment, execution })
        }),
      ...(this.#needs.has('environment') && {
        environment: await this.#record({ kind: 'environment', experiment, run })
      }),
      ...(this.#needs.has('datasets') &&
        isJsonObject(fields.datasets) && { datasets: await this.#readDatasets() })
    }
  }

  #shared(key: ObjectKey): Promise<object | undefined> {
    const path = pathOf(key)
    const known = this.#known.get(path) ?? this.#record(key)
    this.#known.set(path, known)
    return known
  }

  async #record(key: ObjectKey): Promise<object | undefined> {
    try {
      return await this.#view.record(key as KeyOf<Kind>)
    } catch (error) {
      this.#onDamaged({ path: pathOf(key), error })
      return undefined
    }
  }

  #readDatasets(): Promise<{ readonly [dataset: string]: object }> {
    this.#datasets ??= readDatasets(this.#store, this.#onDamaged)
    return this.#datasets
  }
}

/** Reads the datasets of a project, by slug. */
export async function readDatasets(
  store: ProjectStore,
  onDamaged: (damage: Damage) => void
): Promise<{ readonly [dataset: string]: object }> {
  const view = await store.viewOf({ kind: 'project' })
  if (view === undefined) return {}
  const found: [string, object][] = []
  for await (const { key, record } of listRecords(
    view,
    'dataset',
    { kind: 'project' },
    onDamaged
  )) {
    found.push([key.dataset, record])
  }
  return Object.fromEntries(found)
}
