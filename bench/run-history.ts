/**
 * The history of one run among many commits, against `git log -- <path>`: in the project as it is, in a
 * new process whose cache an earlier one filled, and asked again in the same process.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PathHistory } from '../src/git/path-index-file.ts'
import { openRepository } from '../src/git/repository.ts'
import { createNodeFileSystem } from '../src/host/node/file-system.ts'
import { createNodePlatform } from '../src/host/node/platform.ts'
import { openWorkspace } from '../src/node.ts'
import { git } from '../test/support/git.ts'
import { copyHistory } from './data.ts'
import { describeMachine, formatMs, formatRatio, formatTable, measure, report } from './harness.ts'
import { BRANCH } from './history.ts'

const COMMITS = 100_000

export async function benchHistory(): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  try {
    const own = await copyHistory(COMMITS, join(folder, 'own'))
    const repository = join(own, 'bench.git')
    const path = firstRun(repository)
    const address = `bench/train/${path.split('/').at(-1)}`
    const graphed = join(folder, 'graphed.git')
    fs.cpSync(repository, graphed, { recursive: true })
    git(graphed, ['commit-graph', 'write', '--reachable', '--changed-paths'])
    const cache = join(repository, 'runtree/cache/changed-paths')
    const ask = async (workspace: Awaited<ReturnType<typeof open>>): Promise<void> => {
      let count = 0
      for await (const _ of workspace.runs.history(address)) count++
      if (count !== 1) throw new Error(`the run has ${count} commits`)
    }
    let opened: Awaited<ReturnType<typeof open>> | undefined
    const closeOpened = async (): Promise<void> => {
      await opened?.close()
      opened = undefined
    }
    const askNew = async (): Promise<void> => {
      opened = await open(own)
      await ask(opened)
    }
    const log = (folder: string) => async () => {
      git(folder, ['log', '--format=%H', BRANCH, '--', path])
    }
    const first = await measure(
      [
        {
          name: 'Runtree, no cache',
          async prepare() {
            await closeOpened()
            fs.rmSync(cache, { force: true })
          },
          run: askNew
        },
        { name: 'git', run: log(repository) }
      ],
      { turns: 3, warmUps: 0 }
    )
    await closeOpened()
    await prepareCache(repository)
    const workspace = await open(own)
    const later = await measure(
      [
        { name: 'Runtree, cache', prepare: closeOpened, run: askNew },
        { name: 'Runtree, asked again', run: () => ask(workspace) },
        { name: 'git, changed paths', run: log(graphed) }
      ],
      { turns: 11, warmUps: 2 }
    )
    for (const each of [workspace, opened]) await each?.close()
    const [none, plain] = first.map(({ medianMs }) => medianMs) as [number, number]
    const [cold, warm, bloom] = later.map(({ medianMs }) => medianMs) as [number, number, number]
    const table = formatTable([
      ['', 'Runtree', 'git log'],
      ['nothing prepared', formatMs(none), `${formatMs(plain)} (${formatRatio(plain, none)})`],
      [
        'opened anew, with the cache; git: with changed paths in its commit-graph',
        formatMs(cold),
        `${formatMs(bloom)} (${formatRatio(bloom, cold)})`
      ],
      ['asked again', formatMs(warm), '']
    ])
    process.stdout.write(`${table}\n`)
    report('history', `${table}\n\n${describeMachine('npm run bench -- history')}`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Makes the cache as upkeep does. */
async function prepareCache(folder: string): Promise<void> {
  const files = createNodeFileSystem()
  const repository = await openRepository(files, folder, createNodePlatform())
  const history = new PathHistory(repository)
  while ((await history.prepare()) > 0);
  await repository.close()
}

function open(folder: string): ReturnType<typeof openWorkspace> {
  return openWorkspace({ folder, project: 'bench', background: false })
}

/** Returns the folder of a run that was put early. */
function firstRun(repository: string): string {
  const early = git(repository, ['rev-list', '--reverse', '--max-count=1', `${BRANCH}~99000`])
  const names = git(repository, ['show', '--name-only', '--format=', early.trim()])
  const file = names.split('\n').find((name) => name.endsWith('/run.yaml')) as string
  return file.slice(0, file.lastIndexOf('/'))
}
