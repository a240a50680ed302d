import type { FieldPath } from './language/filter.ts'
import type { Ranks } from './ranks.ts'

/** So many orders are kept; of 100,000 runs each takes about a megabyte. */
const KEPT = 12

/** The orders of the fields that questions sorted by last, of rows that don't change but become more. */
export class RankCache {
  readonly #kept = new Map<string, { readonly count: number; readonly ranks: Ranks | undefined }>()

  /** Returns the order of a field of the first `count` rows; it is made if it isn't here. */
  get(field: FieldPath, count: number, make: () => Ranks | undefined): Ranks | undefined {
    const name = field.join('\0')
    const known = this.#kept.get(name)
    const found = known?.count === count ? known : { count, ranks: make() }
    // Moved to the end: used last.
    this.#kept.delete(name)
    this.#kept.set(name, found)
    if (this.#kept.size > KEPT) this.#kept.delete([...this.#kept.keys()][0] as string)
    return found.ranks
  }
}
