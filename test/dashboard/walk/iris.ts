import { join } from 'node:path'
import { runStudy } from '../../../examples/iris/study.js'
import { shareStudy } from '../../../examples/iris/team.js'
import { createWorkspace } from '../../../src/service/open-workspace.ts'
import { createTestTracking } from '../../support/tracking.ts'
import type { Going } from './vision.ts'

const GRID = [
  { model: 'nearest-neighbours', k: 3, distance: 'manhattan' },
  { model: 'nearest-neighbours', k: 5, distance: 'euclidean' },
  { model: 'nearest-neighbours', k: 9, distance: 'euclidean' }
]

/**
 * Makes the study of `npm start` in a workspace, with a few of its combinations: it is shared by way of
 * `remotes/iris.git` with a colleague, who adds a run. Another run is in progress.
 */
export async function makeIris(remotes: string, home: string): Promise<Going> {
  const outcomes = await runStudy({ workspace: home, grid: GRID })
  const best = outcomes.at(-1)?.address as string
  await shareStudy({ workspace: home, folder: remotes, best })
  const { startRun, store } = createTestTracking(home, { cwd: join(home, '..') })
  const workspace = createWorkspace(store, { project: 'iris' })
  const run = await startRun({
    project: 'iris',
    experiment: 'iris-classifiers',
    name: 'logistic-regression',
    params: { model: 'logistic-regression' },
    quiet: true
  })
  run.log({ 'log-loss': 0.7 })
  await run.flush()
  await workspace.close()
  return { run, name: 'logistic-regression' }
}
