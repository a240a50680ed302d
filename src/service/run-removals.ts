import type { KeyOf } from '../model/kinds.ts'
import { type ChildRuns, descendantsOf, readChildren } from '../store/put-back.ts'
import type { Transaction } from '../store/transaction.ts'

/** An experiment's runs, as they were before the first of them was removed. */
interface Family {
  readonly children: ChildRuns
  readonly removed: Set<string>
}

/**
 * Removes runs with their child runs, one after another; which run is part of which is read once. No run
 * may be made in between.
 */
export class RunRemovals {
  readonly #families = new WeakMap<Transaction, Map<string, Promise<Family>>>()

  /** Removes a run; `false` if there was none before the first removal. */
  async remove(key: KeyOf<'run'>, transaction: Transaction): Promise<boolean> {
    const { children, removed } = await this.#familyOf(key, transaction)
    if (removed.has(key.run)) return true
    if (!(await transaction.has(key))) return false
    for (const each of [...descendantsOf(children, key), key]) {
      if (removed.has(each.run)) continue
      removed.add(each.run)
      transaction.remove(each)
    }
    return true
  }

  #familyOf(key: KeyOf<'run'>, transaction: Transaction): Promise<Family> {
    const families = this.#families.get(transaction) ?? new Map<string, Promise<Family>>()
    this.#families.set(transaction, families)
    const known = families.get(key.experiment) ?? readFamily(key, transaction)
    families.set(key.experiment, known)
    return known
  }
}

async function readFamily(key: KeyOf<'run'>, transaction: Transaction): Promise<Family> {
  const view = await transaction.view(key)
  return { children: await readChildren(view, key.experiment), removed: new Set() }
}
