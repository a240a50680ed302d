/**
 * Asks for runs by the index and by reading every run, in the same state, until a number of runs is there;
 * prints how often, and each pair of answers that differs; for tests with processes.
 */
import { createNodeStoreHost } from '../../src/host/node/store-host.ts'
import { createIndexCaches } from '../../src/query/index/index-cache.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { askBothWays } from './ask-both-ways.ts'

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
  // Now and then all is in files alone, as it is for a new process.
  if (asked % 3 === 0) caches = createIndexCaches(store, 'train', LIMITS)
  const { byIndex, byReading } = await askBothWays(store, FIELD, caches)
  if (byIndex.join() !== byReading.join()) wrong.push(`${byIndex} instead of ${byReading}`)
  isDone = byReading.length >= Number(wanted)
  asked++
}
await store.close()
process.stdout.write(JSON.stringify({ asked, wrong }))
