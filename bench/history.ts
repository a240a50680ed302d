import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { formatMessage } from '../src/format/commit-message.ts'
import { keyOfPath } from '../src/format/paths.ts'
import { openWorkspace } from '../src/node.ts'
import { git, gitEnvironment } from '../test/support/git.ts'

/** The branch that the runs lie on. */
export const BRANCH = 'experiments/train'

const FIRST_SECONDS = 1_700_000_000

/**
 * Makes a workspace whose project `bench` has an experiment with as many runs, each put by a commit of
 * its own. Git imports the commits; what they hold Runtree made.
 */
export async function makeHistory(folder: string, runs: number): Promise<void> {
  await makeRuns(folder, runs)
  const repository = `${folder}/bench.git`
  const files = git(repository, ['ls-tree', '-r', BRANCH, '--', 'experiments/train/runs'])
  const [first] = git(repository, ['rev-list', '--reverse', BRANCH, '--', 'experiments'])
    .split('\n')
    .slice(0, 1)
  // Ids are random, so runs come in no order of their paths; the names of their blobs are as random.
  const shuffled = files.trim().split('\n').sort(compareBlobs)
  await importCommits(repository, first as string, shuffled)
}

/** Makes such a workspace with a commit for 10,000 runs each. */
export async function makeRuns(folder: string, runs: number): Promise<void> {
  const workspace = await openWorkspace({ folder, project: 'bench', background: false })
  await workspace.projects.create({ name: 'bench' })
  await workspace.experiments.create({ in: 'bench', name: 'train' })
  for (let k = 0; k < runs; k += 10_000) {
    await workspace.transaction(async (transaction) => {
      for (let n = k; n < Math.min(runs, k + 10_000); n++) {
        await transaction.create('run', runFields(n))
      }
    })
  }
  await workspace.close()
}

function compareBlobs(a: string, b: string): number {
  return a.slice(12, 52) < b.slice(12, 52) ? -1 : 1
}

async function importCommits(
  repository: string,
  parent: string,
  files: readonly string[]
): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet', '--force', '--depth=50'], {
    cwd: repository,
    env: gitEnvironment(),
    stdio: ['pipe', 'ignore', 'inherit']
  })
  let from = `from ${parent}\n`
  for (const [number, file] of files.entries()) {
    const [, oid = '', path = ''] = /^\d+ blob (\w+)\t(.*)$/.exec(file) ?? []
    const key = keyOfPath(path)
    const message = formatMessage({ operation: 'put', keys: key === undefined ? [] : [key] })
    const who = `Ada <ada@example.org> ${FIRST_SECONDS + number * 60} +0000`
    const text = `commit refs/heads/${BRANCH}\ncommitter ${who}\ndata ${Buffer.byteLength(message)}\n${message}\n${from}M 100644 ${oid} ${path}\n\n`
    from = ''
    if (!child.stdin.write(text)) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
}

/** A run as they are: about ten parameters, five metrics, two tags. */
export function runFields(k: number) {
  return {
    in: 'bench/train',
    name: `run ${k}`,
    params: {
      lr: 0.001 * (1 + (k % 17)),
      batch_size: 32,
      epochs: 20,
      dropout: 0.1 * (k % 5),
      optimizer: { name: k % 2 ? 'adam' : 'sgd', beta: 0.9, decay: 0.01 },
      depth: 2 + (k % 7),
      width: 64,
      seed: k
    },
    metrics: Object.fromEntries(
      ['loss', 'accuracy', 'precision', 'recall', 'f1'].map((name, n) => {
        const last = Math.sin(k * 7 + n) ** 2
        return [name, { last, min: last / 2, max: 1, count: 10, step: 9 }]
      })
    ),
    tags: ['bench', `group-${k % 10}`]
  }
}
