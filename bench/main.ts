/** Runs benchmarks by name; without a name, all of them. */
import { benchBrowser } from './browser.ts'
import { benchDashboard } from './dashboard.ts'
import { removeData } from './data.ts'
import { benchGc } from './gc.ts'
import { benchLog } from './log.ts'
import { benchMlflow } from './mlflow.ts'
import { benchPut } from './put.ts'
import { benchQuery } from './query.ts'
import { benchRead } from './read.ts'
import { benchHistory } from './run-history.ts'
import { benchSync } from './sync.ts'
import { benchTransaction } from './transaction.ts'
import { benchWriters } from './writers.ts'

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  browser: benchBrowser,
  dashboard: benchDashboard,
  put: benchPut,
  transaction: benchTransaction,
  read: benchRead,
  query: benchQuery,
  mlflow: benchMlflow,
  history: benchHistory,
  writers: benchWriters,
  gc: benchGc,
  log: benchLog,
  sync: benchSync
}

const names = process.argv.slice(2)
process.once('exit', removeData)
process.once('SIGINT', () => process.exit(130))
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const bench = BENCHES[name]
  if (bench === undefined) {
    process.stderr.write(
      `There is no benchmark ${name}; there are ${Object.keys(BENCHES).join()}.\n`
    )
    process.exitCode = 2
    break
  }
  process.stdout.write(`${name}\n\n`)
  await bench()
}
