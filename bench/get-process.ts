/** Gets a project into a new workspace and prints the most memory that this process held, in bytes. */
import { readFileSync } from 'node:fs'
import { openWorkspace } from '../src/node.ts'

const [folder = '', url = ''] = process.argv.slice(2)
const workspace = await openWorkspace({ folder, background: false })
await workspace.clone(url)
await workspace.close()
process.stdout.write(`${mostKilobytes() * 1024}\n`)

/** Linux counts what the process that started this one held as well in `maxRSS`, but not here. */
function mostKilobytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}
