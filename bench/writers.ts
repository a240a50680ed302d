/** Sixteen that put at the same time in one process, against one that waits for each put. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Workspace } from '../src/index.ts'
import { openWorkspace } from '../src/node.ts'
import { copyHistory } from './data.ts'
import { describeMachine, formatRatio, formatTable, measure, report } from './harness.ts'
import { runFields } from './history.ts'

const RUNS = 1000
const WRITERS = 16
const PUTS = 32

export async function benchWriters(): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const own = await copyHistory(RUNS, join(folder, 'own'))
    const workspace = await openWorkspace({ folder: own, project: 'bench', background: false })
    const measured = await measure(
      [
        { name: 'one', run: () => put(workspace, PUTS) },
        {
          name: 'sixteen',
          async run() {
            await Promise.all(Array.from({ length: WRITERS }, () => put(workspace, PUTS)))
          }
        }
      ],
      { turns: 9, warmUps: 2 }
    )
    await workspace.close()
    const [one, many] = measured.map(({ medianMs }) => medianMs) as [number, number]
    const rate = (puts: number, ms: number): string => `${Math.round((puts / ms) * 1000)} puts/s`
    const table = formatTable([
      ['one writer', `${WRITERS} writers`, 'ratio'],
      [rate(PUTS, one), rate(PUTS * WRITERS, many), formatRatio(one * WRITERS, many)]
    ])
    process.stdout.write(`${table}\n`)
    report('writers', `${table}\n\n${describeMachine('npm run bench -- writers')}`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function put(workspace: Workspace, count: number): Promise<void> {
  for (let k = 0; k < count; k++) await workspace.runs.create(runFields(RUNS + k))
}
