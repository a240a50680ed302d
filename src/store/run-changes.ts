import type { Json, JsonObject } from '../base/json.ts'
import type { RunOutcome } from '../format/edit.ts'
import type { ArtifactEntry, JournalEntry, RunStart, ValueEntry } from './journal-entry.ts'

/** Fields that were given to an object of a run, and when first. */
export interface GivenFields {
  readonly fields: { [field: string]: Json | undefined }
  readonly time: number
}

/** Fields of a run whose members are added one by one. */
const MAPS = ['params', 'datasets']

/** What the entries of a journal change of a run's records; later ones win over earlier ones. */
export class RunChanges {
  start: RunStart | undefined
  end: RunOutcome | undefined
  readonly settings: { [field: string]: Json | undefined } = {}
  /** Tags to add. */
  readonly tags = new Set<string>()
  readonly values = new Map<string, ValueEntry>()
  readonly splits = new Map<string, GivenFields>()
  readonly computations = new Map<string, GivenFields>()
  readonly artifacts = new Map<string, ArtifactEntry>()

  add(entry: JournalEntry): void {
    if ('start' in entry) this.start ??= entry.start
    else if ('set' in entry) this.#set(entry.set)
    else if ('end' in entry) this.end = entry.end
    else if ('metric' in entry) this.values.set(valueName(entry), entry)
    else if ('artifact' in entry) this.artifacts.set(entry.artifact, entry)
    else if ('computation' in entry) give(this.computations, entry.computation, entry)
    else if ('fields' in entry) give(this.splits, entry.split, entry)
  }

  #set(fields: JsonObject): void {
    for (const [field, value] of Object.entries(fields)) {
      if (field === 'tags') for (const tag of value as readonly string[]) this.tags.add(tag)
      else if (MAPS.includes(field)) {
        this.settings[field] = {
          ...(this.settings[field] as JsonObject | undefined),
          ...(value as JsonObject)
        }
      } else this.settings[field] = value
    }
  }
}

/** Returns the name under which a value is stored: that of a split has the split's behind it. */
export function valueName({ metric, split }: Pick<ValueEntry, 'metric' | 'split'>): string {
  return split === undefined ? metric : `${metric}/${split}`
}

function give(
  given: Map<string, GivenFields>,
  name: string,
  entry: { readonly fields: JsonObject; readonly time: number }
): void {
  const known = given.get(name)
  if (known === undefined) given.set(name, { fields: { ...entry.fields }, time: entry.time })
  else Object.assign(known.fields, entry.fields)
}
