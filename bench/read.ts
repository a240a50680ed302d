/**
 * All runs of an experiment opened, read, parsed and filtered, without an index, from a repository that
 * git has packed. `git cat-file --batch` only reads the same blobs; isomorphic-git reads them and `yaml`
 * parses them.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import isomorphicGit from 'isomorphic-git'
import { parse } from 'yaml'
import { createNodeFileSystem } from '../src/host/node/file-system.ts'
import { createNodePlatform } from '../src/host/node/platform.ts'
import { listRecords } from '../src/store/list.ts'
import { ProjectStore } from '../src/store/project-store.ts'
import { git, gitBytes } from '../test/support/git.ts'
import { copyHistory } from './data.ts'
import { describeMachine, formatMs, formatRatio, formatTable, measure, report } from './harness.ts'
import { BRANCH } from './history.ts'

const RUNS = 10_000
const LEAST = 0.9

export async function benchRead(): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const repository = join(await copyHistory(RUNS, join(folder, 'own')), 'bench.git')
    // As git packs by itself: it would keep the deltas that a transaction has left.
    git(repository, ['repack', '-a', '-d', '-f', '--quiet'])
    const lines = git(repository, ['ls-tree', '-r', BRANCH, 'experiments/train/runs']).trim()
    const oids = lines.split('\n').map((line) => line.slice(12, 52))
    const own = { name: 'Runtree', run: () => readRuntree(repository) }
    const input = `${oids.join('\n')}\n`
    const cat = {
      name: 'git cat-file',
      run: async () => void gitBytes(repository, ['cat-file', '--batch'], { input })
    }
    const [runtree, gitOnly] = await measure([own, cat], { turns: 11, warmUps: 3 })
    const iso = { name: 'isomorphic-git', run: () => readIsomorphic(repository, oids) }
    const [again, isomorphic] = await measure([own, iso], { turns: 3, warmUps: 0 })
    const [a, b, c, d] = [runtree, gitOnly, again, isomorphic].map((each) => each?.medianMs) as Four
    const table = formatTable([
      ['runs', 'Runtree: read, parsed, filtered', 'git: read', 'isomorphic-git and yaml'],
      [
        `${RUNS}`,
        `${formatMs(a)} (${formatRatio(a, b)} what git takes)`,
        formatMs(b),
        `${formatMs(d)} (${formatRatio(d, c)})`
      ]
    ])
    process.stdout.write(`${table}\n`)
    report('read', `${table}\n\n${describeMachine('npm run bench -- read')}`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

type Four = [number, number, number, number]

async function readRuntree(repository: string): Promise<void> {
  const host = {
    files: createNodeFileSystem(),
    platform: createNodePlatform(),
    committer: async () => ({ name: 'Ada', email: 'ada@example.org' })
  }
  const store = await ProjectStore.open(host, repository, 'bench')
  const view = await store.view(`refs/heads/${BRANCH}`)
  if (view === undefined) throw new Error('there is no branch')
  let read = 0
  let found = 0
  const onDamaged = ({ error }: { readonly error: unknown }): void => {
    throw error
  }
  const below = { kind: 'experiment', experiment: 'train' } as const
  for await (const { record } of listRecords(view, 'run', below, onDamaged)) {
    read++
    if ((record.metrics?.accuracy?.last as number) >= LEAST) found++
  }
  await store.close()
  if (read !== RUNS || found === 0) throw new Error(`read ${read}, found ${found}`)
}

async function readIsomorphic(gitdir: string, oids: readonly string[]): Promise<void> {
  const cache = {}
  let found = 0
  for (const oid of oids) {
    const { blob } = await isomorphicGit.readBlob({ fs, gitdir, oid, cache })
    const record = parse(new TextDecoder().decode(blob)) as {
      readonly metrics: { readonly accuracy: { readonly last: number } }
    }
    if (record.metrics.accuracy.last >= LEAST) found++
  }
  if (found === 0) throw new Error('nothing was found')
}
