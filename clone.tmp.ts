import { rmSync } from 'node:fs'
import { openWorkspace } from './src/node.ts'
const [url] = process.argv.slice(2)
rmSync('/tmp/transfer/copy', { recursive: true, force: true })
const t = performance.now()
const workspace = await openWorkspace({ folder: '/tmp/transfer/copy', background: false })
const r = await workspace.clone(url!)
await workspace.close()
console.log(Math.round(performance.now() - t), 'ms', r.receivedBytes, 'bytes', process.resourceUsage().maxRSS >> 10, 'MB', process.resourceUsage().userCPUTime/1000)
