/** Runs that log a line each a second until the input ends. */
import { type Run, startRun } from '../../src/node.ts'

const [workspace = '', count = '1'] = process.argv.slice(2)
const where = {
  workspace,
  project: 'bench',
  experiment: 'live',
  quiet: true,
  code: false,
  environment: false
} as const
const runs: Run[] = []
for (let k = 0; k < Number(count); k++) runs.push(await startRun({ ...where, name: `live ${k}` }))
let step = 0
const timer = setInterval(() => {
  for (const run of runs) run.log({ loss: 1 / (step + 1), accuracy: step / (step + 1) }, { step })
  step++
}, 1000)
process.stdout.write('logging\n')
process.stdin.resume()
process.stdin.on('end', async () => {
  clearInterval(timer)
  for (const run of runs) await run.finish()
})
