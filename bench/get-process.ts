/** Gets a project into a new workspace and prints the most memory that this process held, in bytes. */
import { openWorkspace } from '../src/node.ts'

const [folder = '', url = ''] = process.argv.slice(2)
const workspace = await openWorkspace({ folder, background: false })
await workspace.clone(url)
await workspace.close()
process.stdout.write(`${process.resourceUsage().maxRSS * 1024}\n`)
