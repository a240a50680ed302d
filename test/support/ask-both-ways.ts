import { createIndexCaches, type IndexCaches } from '../../src/query/index/index-cache.ts'
import type { FieldPath } from '../../src/query/language/filter.ts'
import { openRows } from '../../src/query/open-rows.ts'
import type { RowSet } from '../../src/query/row-set.ts'
import { type QueryScope, scanRuns } from '../../src/query/scan.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'

/** What was found of each run, as `<address> <value>`. */
export interface BothWays {
  readonly byIndex: readonly string[]
  readonly byReading: readonly string[]
}

/** Asks for a field of the runs of `train` by the index and by reading every run, in the same state. */
export async function askBothWays(
  store: ProjectStore,
  field: FieldPath,
  caches: IndexCaches = createIndexCaches(store, 'train')
): Promise<BothWays> {
  const view = await store.view('refs/heads/experiments/train')
  if (view === undefined) throw new TypeError('there is no experiment')
  const scope: QueryScope = {
    store,
    view,
    below: { kind: 'experiment', experiment: 'train' },
    isNow: true,
    onDamaged: ({ error }) => {
      throw error
    }
  }
  const found = await openRows(scope, { fields: [field], maps: [] }, 0, () => caches)
  return {
    byIndex: valuesOf(found, field),
    byReading: valuesOf([await scanRuns(scope, new Set(), 0)], field)
  }
}

function valuesOf(sets: readonly RowSet[], field: FieldPath): readonly string[] {
  const values: string[] = []
  for (const set of sets) {
    const read = set.reader(field)
    for (let row = 0; row < set.count; row++) {
      if (set.isAlive?.(row) !== false) values.push(`${set.addressOf(row)} ${read(row)}`)
    }
  }
  return values.sort()
}
