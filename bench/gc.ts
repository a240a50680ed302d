/**
 * The bytes that many runs take, each put by a call of its own, after `gc` without a git program, and
 * after `git gc` of the same repository.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWorkspace } from '../src/node.ts'
import { git } from '../test/support/git.ts'
import { describeMachine, formatMs, formatTable, report } from './harness.ts'
import { runFields } from './history.ts'
import { openUnflushed } from './unflushed.ts'

const RUNS = 10_000

export async function benchGc(): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const own = join(folder, 'own')
    const workspace = openUnflushed(own)
    await workspace.projects.create({ name: 'bench' })
    await workspace.experiments.create({ in: 'bench', name: 'train' })
    for (let k = 0; k < RUNS; k++) await workspace.runs.create(runFields(k))
    await workspace.close()
    const before = sizeOf(join(own, 'bench.git/objects'))
    const other = join(folder, 'git.git')
    fs.cpSync(join(own, 'bench.git'), other, { recursive: true })
    const { PATH } = process.env
    process.env.PATH = ''
    const ownMs = await time(async () => {
      const collecting = await openWorkspace({ folder: own, project: 'bench', background: false })
      await collecting.gc()
      await collecting.close()
    })
    process.env.PATH = PATH
    const gitMs = await time(async () => void git(other, ['gc', '--quiet', '--prune=now']))
    const [ours, theirs] = [join(own, 'bench.git/objects'), join(other, 'objects')].map(sizeOf) as [
      number,
      number
    ]
    const kb = (bytes: number): string => `${Math.round(bytes / 1000)} kB`
    const table = formatTable([
      ['runs', 'before', 'Runtree gc', 'git gc', 'ratio', 'Runtree took', 'git took'],
      [
        `${RUNS}`,
        kb(before),
        kb(ours),
        kb(theirs),
        `${(ours / theirs).toFixed(2)} ×`,
        formatMs(ownMs),
        formatMs(gitMs)
      ]
    ])
    process.stdout.write(`${table}\n`)
    report('gc', `${table}\n\n${describeMachine('npm run bench -- gc')}`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Adds up what the files of packs and loose objects hold, the indexes of packs included. */
function sizeOf(folder: string): number {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const stats = names.map((name) => fs.statSync(join(folder, name)))
  return stats.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}

async function time(body: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}
