/**
 * Asks for runs by the index and by reading every run, in the same state, until a number of runs is there;
 * prints how often, and each pair of answers that differs; for tests with processes.
 */
import { createNodeStoreHost } from '../../src/host/node/store-host.ts'
import { createIndexCaches } from '../../src/query/index/index-cache.ts'
import { openRows } from '../../src/query/open-rows.ts'
import type { RowSet } from '../../src/query/row-set.ts'
import { type QueryScope, scanRuns } from '../../src/query/scan.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'

const [folder = '', wanted = ''] = process.argv.slice(2)
const FIELD = ['params', 'done']
const LIMITS = { minSavedRuns: 1, minUnsavedRuns: 1, minWornRows: 16 }

const host = createNodeStoreHost(process.env, '/', async () => ({}))
const store = await new WorkspaceStore(host, folder).project('vision')
if (store === undefined) throw new TypeError(`there is no project in ${folder}`)

let asked = 0
let isDone = false
const wrong: string[] = []
let caches = createIndexCaches(store, 'train', LIMITS)
const until = Date.now() + 100_000
while (!isDone) {
  if (Date.now() > until) throw new TypeError(`there are never ${wanted} runs`)
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
  // Now and then all is in files alone, as it is for a new process.
  if (asked % 3 === 0) caches = createIndexCaches(store, 'train', LIMITS)
  const found = valuesOf(await openRows(scope, { fields: [FIELD], maps: [] }, 0, () => caches))
  const expected = valuesOf([await scanRuns(scope, new Set(), 0)])
  if (found.join() !== expected.join()) wrong.push(`${found} instead of ${expected}`)
  isDone = expected.length >= Number(wanted)
  asked++
}
await store.close()
process.stdout.write(JSON.stringify({ asked, wrong }))

function valuesOf(sets: readonly RowSet[]): readonly string[] {
  const values: string[] = []
  for (const set of sets) {
    const read = set.reader(FIELD)
    for (let row = 0; row < set.count; row++) {
      if (set.isAlive?.(row) !== false) values.push(`${set.addressOf(row)} ${read(row)}`)
    }
  }
  return values.sort()
}
