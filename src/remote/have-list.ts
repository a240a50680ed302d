import { parseCommit } from '../git/commit.ts'
import type { ObjectReader } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import { parseTagTarget } from '../git/tag.ts'

/** Where the search for common history stands on the way down from one head. */
interface Cursor {
  at: Oid
  readonly named: Oid[]
}

/**
 * Names commits that are here, for the other side to say which of them it has: first the heads, then
 * of each head the ancestors at doubling gaps, so that a history of n commits takes log n names.
 */
export class Haves {
  readonly #objects: Pick<ObjectReader, 'read'>
  readonly #heads: Oid[]
  readonly #seen = new Set<Oid>()
  #cursors: Cursor[] = []
  #position = 0
  #gap = 1
  #wereHeads = false

  constructor(objects: Pick<ObjectReader, 'read'>, heads: Iterable<Oid>) {
    this.#objects = objects
    this.#heads = [...new Set(heads)]
  }

  /**
   * Returns up to `count` further names; none when there are no more. Heads come by themselves:
   * mostly they are enough, and nothing has to be read of their histories.
   */
  async next(count: number): Promise<readonly Oid[]> {
    const names: Oid[] = []
    while (names.length < count) {
      if (names.length > 0 && this.#heads.length === 0 && this.#wereHeads) break
      this.#wereHeads = this.#heads.length > 0
      const name = await this.#nextName()
      if (name === undefined) break
      names.push(name)
    }
    return names
  }

  /** Notes that the other side has a commit, and with it all that lies below. */
  acknowledge(oid: Oid): void {
    const at = this.#cursors.findIndex((cursor) => cursor.named.includes(oid))
    if (at < 0) return
    this.#cursors.splice(at, 1)
    if (at < this.#position) this.#position--
  }

  async #nextName(): Promise<Oid | undefined> {
    for (let head = this.#heads.shift(); head !== undefined; head = this.#heads.shift()) {
      const commit = await this.#peel(head)
      if (commit === undefined || this.#seen.has(commit)) continue
      this.#seen.add(commit)
      this.#cursors.push({ at: commit, named: [commit] })
      return commit
    }
    while (this.#cursors.length > 0) {
      if (this.#position >= this.#cursors.length) {
        this.#position = 0
        this.#gap *= 2
      }
      const name = await this.#stepDown(this.#cursors[this.#position] as Cursor)
      if (name === undefined) {
        this.#cursors.splice(this.#position, 1)
        continue
      }
      this.#position++
      return name
    }
    return undefined
  }

  /** Goes down by the gap along first parents; where another head's way went before, this one ends. */
  async #stepDown(cursor: Cursor): Promise<Oid | undefined> {
    let oid = cursor.at
    for (let step = 0; step < this.#gap; step++) {
      const object = await this.#objects.read(oid)
      const parent = object?.type === 'commit' ? parseCommit(object).parents[0] : undefined
      if (parent === undefined || this.#seen.has(parent)) {
        // The last commit of a history is named in any case: it is the likeliest to be common.
        if (step === 0) return undefined
        break
      }
      this.#seen.add(parent)
      oid = parent
    }
    cursor.at = oid
    cursor.named.push(oid)
    return oid
  }

  async #peel(oid: Oid): Promise<Oid | undefined> {
    for (let at = oid; ; ) {
      const object = await this.#objects.read(at)
      if (object?.type !== 'tag') return object?.type === 'commit' ? at : undefined
      at = parseTagTarget(object).oid
    }
  }
}
