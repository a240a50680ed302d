import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Source } from '../../src/dashboard/source/source.ts'
import { createWorkspaceSource } from '../../src/dashboard/source/workspace-source.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Run } from '../../src/service/run.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'

const RED = '\u001b[31m'
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64'
)

/** Two runs of a classifier of animals, of which the second is better, and a source over them. */
export interface Animals {
  readonly folder: string
  readonly tracking: TestTracking
  readonly workspace: Workspace
  readonly source: Source
  readonly first: string
  readonly second: string
  /** The bare repository of the project. */
  readonly repository: string
  close(): Promise<void>
}

/** How runs of the study are started. */
export const ANIMALS = { project: 'lab', experiment: 'animals', quiet: true } as const

/** Makes the study in a folder of its own. */
export async function makeAnimals(): Promise<Animals> {
  const folder = makeTempFolder()
  const code = join(folder, 'code')
  mkdirSync(code)
  git(code, ['init', '--quiet', '--initial-branch=main'])
  writeFileSync(join(code, 'train.py'), 'rate = 1\n')
  git(code, ['add', '.'])
  git(code, ['commit', '--quiet', '--message=first'])
  const home = join(folder, 'home')
  const tracking = createTestTracking(home, { capture: true, cwd: code, remotes: makeRemoteHost() })
  const first = await tracking.startRun({
    ...ANIMALS,
    name: 'plain',
    params: { lr: 0.1, depth: 2 }
  })
  await fill(first, 2)
  await first.finish()
  writeFileSync(join(code, 'train.py'), 'rate = 2\n')
  const second = await tracking.startRun({
    ...ANIMALS,
    name: 'tuned',
    params: { lr: 0.01, depth: 2 },
    notes: 'The **best** so far.',
    seed: 7
  })
  await fill(second, 1)
  await second.artifact('scores.csv', 'class,score\ncat,"0,9"\n')
  await second.artifact('pixel.png', PIXEL)
  await second.artifact('weights.pt', { uri: 's3://bucket/weights.pt', sizeBytes: 9_000_000 })
  await second.finish()
  const workspace = createWorkspace(tracking.store, { project: 'lab' })
  await workspace.experiments.update('lab/animals', { metrics: { accuracy: { goal: 'maximize' } } })
  return {
    folder,
    tracking,
    workspace,
    source: createWorkspaceSource(workspace, { version: '1.2.3' }),
    first: first.address,
    second: second.address,
    repository: join(home, 'lab.git'),
    async close() {
      await workspace.close()
      removeTempFolder(folder)
    }
  }
}

/** Of ten dogs so many are taken for cats; all ten cats are told right. */
async function fill(run: Run, mistakes: number): Promise<void> {
  for (let step = 0; step < 100; step++) {
    run.log({ 'train/loss': 1 / (step + 1), 'val/loss': 1.5 / (step + 1) }, { step })
  }
  run.log({ accuracy: 1 - mistakes / 20 })
  for (let i = 0; i < 20; i++) {
    const truth = i < 10 ? 'cat' : 'dog'
    const prediction = i >= 20 - mistakes ? 'cat' : truth
    const correct = truth === prediction
    run.row('predictions', { image: `img-${i}`, truth, prediction, correct }, { key: 'image' })
  }
  const matrix = [
    [10, 0],
    [mistakes, 10 - mistakes]
  ]
  run.value('confusion', { labels: ['cat', 'dog'], matrix }, { type: 'confusion-matrix' })
  run.text(`${RED}warning${'\u001b[0m'}: ${mistakes} wrong\nthe end`)
}
