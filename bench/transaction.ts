/**
 * One transaction of many runs, from objects in memory, against `git fast-import` of the same files:
 * both end with a pack, its index and a branch that are on the disk.
 */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWorkspace } from '../src/node.ts'
import { git, gitEnvironment } from '../test/support/git.ts'
import { describeMachine, formatMs, formatRatio, formatTable, measure, report } from './harness.ts'
import { BRANCH, runFields } from './history.ts'

const RUNS = 10_000

export async function benchTransaction(): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const fields = Array.from({ length: RUNS }, (_, k) => runFields(k))
    const repository = join(folder, 'runtree-0/bench.git')
    const makeWorkspace = async (turn: number): Promise<void> => {
      const workspace = await open(folder, turn)
      await workspace.projects.create({ name: 'bench' })
      await workspace.experiments.create({ in: 'bench', name: 'train' })
      await workspace.close()
    }
    let stream: Buffer | undefined
    const measured = await measure(
      [
        {
          name: 'Runtree',
          prepare: makeWorkspace,
          async run(turn) {
            const workspace = await open(folder, turn)
            await workspace.transaction(async (transaction) => {
              for (const run of fields) await transaction.create('run', run)
            })
            await workspace.close()
          }
        },
        {
          name: 'git fast-import',
          async prepare(turn) {
            stream ??= formatImport(repository)
            git(folder, ['init', '--quiet', '--bare', `git-${turn}.git`])
          },
          async run(turn) {
            const cwd = join(folder, `git-${turn}.git`)
            const args = ['-c', 'core.fsync=all', 'fast-import', '--quiet']
            execFileSync('git', args, { cwd, env: gitEnvironment(), input: stream })
          }
        }
      ],
      { turns: 6, warmUps: 2 }
    )
    const [own, other] = measured.map(({ medianMs }) => medianMs) as [number, number]
    const table = formatTable([
      ['runs', 'Runtree', 'git fast-import'],
      [`${RUNS}`, formatMs(own), `${formatMs(other)} (${formatRatio(other, own)})`]
    ])
    process.stdout.write(`${table}\n`)
    report('transaction', `${table}\n\n${describeMachine('npm run bench -- transaction')}`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function open(folder: string, turn: number): ReturnType<typeof openWorkspace> {
  const own = join(folder, `runtree-${turn}`)
  return openWorkspace({ folder: own, project: 'bench', background: false })
}

/** Formats the files of a branch as what `git fast-import` reads. */
function formatImport(repository: string): Buffer {
  const oids: string[] = []
  const paths: string[] = []
  for (const line of git(repository, ['ls-tree', '-r', BRANCH]).trim().split('\n')) {
    const [, oid = '', path = ''] = /^\d+ blob (\w+)\t(.*)$/.exec(line) ?? []
    oids.push(oid)
    paths.push(path)
  }
  const blobs = execFileSync('git', ['cat-file', '--batch'], {
    cwd: repository,
    env: gitEnvironment(),
    input: `${oids.join('\n')}\n`,
    maxBuffer: 1 << 30
  })
  const head = `commit refs/heads/${BRANCH}\ncommitter Ada <ada@example.org> 1700000000 +0000\n`
  const parts: Buffer[] = [Buffer.from(`${head}data 4\nput\n\n`)]
  let at = 0
  for (const path of paths) {
    const end = blobs.indexOf(10, at)
    const size = Number(blobs.toString('latin1', at, end).split(' ')[2])
    parts.push(Buffer.from(`M 100644 inline ${path}\ndata ${size}\n`))
    parts.push(blobs.subarray(end + 1, end + 2 + size))
    at = end + 2 + size
  }
  return Buffer.concat(parts)
}
