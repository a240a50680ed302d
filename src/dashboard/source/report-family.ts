import type { RunRow } from './answers.ts'
import type { RunAnswer } from './run-answers.ts'
import type { CallOptions, Source } from './source.ts'

/** So many runs are read at once. */
const BATCH = 5000

/** The runs that a run belongs to. */
export type Family = Pick<RunAnswer, 'parent' | 'previous' | 'children'>

interface Member {
  readonly row: RunRow
  /** When it started, else when it was made; RFC 3339. */
  readonly time: string
}

/** The runs of an experiment in the order of their starts, of which each is asked for its family. */
export class Families {
  readonly #members: readonly Member[]
  readonly #places: ReadonlyMap<string, number>
  readonly #children = new Map<string, RunRow[]>()

  private constructor(members: readonly Member[]) {
    this.#members = members
    this.#places = new Map(members.map(({ row }, place) => [row.id, place]))
    for (const { row } of members) {
      if (row.parent === undefined) continue
      const siblings = this.#children.get(row.parent)
      if (siblings === undefined) this.#children.set(row.parent, [row])
      else siblings.push(row)
    }
  }

  /** Reads the runs of an experiment: for many of them, once is less than for each. */
  static async read(source: Source, address: string, call: CallOptions): Promise<Families> {
    const members: Member[] = []
    for (;;) {
      const wish = { address, sort: ['time'], columns: ['time'], limit: BATCH }
      const { rows, total } = await source.find({ ...wish, offset: members.length }, call)
      for (const row of rows) {
        const { values, ...rest } = row
        members.push({ row: { ...rest, values: [] }, time: String(values[0] ?? '') })
      }
      if (rows.length === 0 || members.length >= total) return new Families(members)
    }
  }

  /** Returns the family of a run: its parent, the one of the same parent before it, and its children. */
  of({ id, record }: Pick<RunAnswer, 'id' | 'record'>): Family {
    const { parent } = record
    const place = this.#places.get(id)
    if (place === undefined) return { children: [] }
    const time = this.#members[place]?.time ?? ''
    let before = place - 1
    for (; before >= 0; before--) {
      const member = this.#members[before] as Member
      if (member.row.parent === parent && member.time !== time) break
    }
    const previous = this.#members[before]?.row
    const above = parent === undefined ? undefined : this.#places.get(parent)
    const own = above === undefined ? undefined : this.#members[above]?.row
    return {
      children: this.#children.get(id) ?? [],
      ...(own === undefined ? {} : { parent: own }),
      ...(previous === undefined ? {} : { previous })
    }
  }
}
