/** Puts and lists runs, many at once, while the process may have few files open; for tests with processes. */
import { execFileSync } from 'node:child_process'
import { openWorkspace } from '../../src/node.ts'

const [folder = '', limit = ''] = process.argv.slice(2)
const workspace = await openWorkspace({ folder, project: 'vision' })
execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${limit}`])
await Promise.all(
  Array.from({ length: 100 }, (_, index) =>
    workspace.runs.create({ in: 'vision/train', name: `together ${index}` })
  )
)
let listed = 0
for await (const { address } of workspace.runs.list({ in: 'vision/train' })) {
  await workspace.runs.get(address)
  listed += 1
}
await workspace.close()
process.stdout.write(`${listed}`)
