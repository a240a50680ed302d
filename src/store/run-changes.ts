import type { Json, JsonObject } from '../base/json.ts'
import { parseTime } from '../base/time.ts'
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
  /** When the last of the changes was made, in milliseconds since 1970. */
  timeMs = 0

  add(entry: JournalEntry): void {
    if ('log' in entry || 'text' in entry || 'row' in entry) return
    if ('time' in entry) this.#advance(entry.time)
    if ('start' in entry) {
      this.start ??= entry.start
      this.#advance(parseTime(entry.start.run.created))
    } else if ('set' in entry) this.#set(entry.set)
    else if ('end' in entry) this.finish(entry.end)
    else if ('metric' in entry) this.values.set(valueName(entry), entry)
    else if ('artifact' in entry) this.artifacts.set(entry.artifact, entry)
    else if ('computation' in entry) give(this.computations, entry.computation, entry)
    else if ('fields' in entry) give(this.splits, entry.split, entry)
  }

  /** Tells how the run ended. */
  finish(outcome: RunOutcome): void {
    this.end = outcome
    this.#advance(parseTime(outcome.finished))
  }

  #advance(timeMs = 0): void {
    this.timeMs = Math.max(this.timeMs, timeMs)
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
