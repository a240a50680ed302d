import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWorkspace } from '../../../src/service/open-workspace.ts'
import type { Run } from '../../../src/service/run.ts'
import { WorkspaceStore } from '../../../src/store/workspace-store.ts'
import { makeRemoteHost } from '../../support/remotes.ts'
import { createTestTracking } from '../../support/tracking.ts'
import { makeCode } from '../study.ts'

/** How many runs the project has, the one in progress included. */
export const VISION_RUNS = 5000

const MINUTE_MS = 60_000
const BEGAN_MS = Date.UTC(2026, 0, 1)
const NETS = { project: 'vision', experiment: 'nets', quiet: true } as const
const CLASSES = ['cat', 'dog', 'fox', 'owl']
const DATASETS = { pets: { role: 'train', digest: `sha256:${'5e'.repeat(32)}` } }
const EACH = 25

/** The run in progress, which a test ends. */
export interface Going {
  readonly run: Run
  readonly name: string
}

/**
 * Makes the project `vision` in a workspace: thousands of runs of a sweep as records, and then, day by day,
 * runs with all that a run can have, of which the last but one is the best. Somebody else tags it.
 */
export async function makeVision(folder: string, home: string): Promise<Going> {
  const code = join(folder, 'code')
  makeCode(code)
  const remotes = makeRemoteHost()
  const tracking = createTestTracking(home, {
    capture: true,
    cwd: code,
    script: join(code, 'train.py'),
    remotes
  })
  const { startRun, store } = tracking
  const workspace = createWorkspace(store, { project: 'vision' })
  await workspace.projects.create({ name: 'vision', description: 'Which net tells pets apart?' })
  await workspace.datasets.create({ in: 'vision', name: 'pets', rows: 100, ...DATASETS.pets })
  await workspace.experiments.create({
    in: 'vision',
    name: 'nets',
    metrics: { accuracy: { goal: 'maximize' }, loss: { goal: 'minimize' } }
  })
  const sweep = VISION_RUNS - 5
  await workspace.transaction(async (transaction) => {
    for (let n = 0; n < sweep; n++) await transaction.create('run', sweepRun(n))
  })
  for (const [name, mistakes, lr] of [
    ['wide', 14, 0.1],
    ['deep', 9, 0.03],
    ['deep-slow', 3, 0.01]
  ] as const) {
    writeFileSync(join(code, 'train.py'), `rate = ${lr}\n`)
    const params = { ...paramsOf(0), lr }
    const run = await startRun({ ...NETS, name, params, seed: 7, datasets: DATASETS })
    await fill(run, mistakes)
    await run.finish()
  }
  const failing = await startRun({ ...NETS, name: 'too-wide', params: paramsOf(1) })
  await failing.fail(new RangeError('loss is not a number'))
  const run = await startRun({ ...NETS, name: 'going', params: paramsOf(2) })
  for (let step = 0; step < 20; step++) run.log({ loss: 2 - step / 20 }, { step })
  await run.flush()
  await tagAsGrace(store, home)
  return { run, name: 'going' }
}

/** Tags the best run as somebody else at the same machine. */
async function tagAsGrace(mine: WorkspaceStore, home: string): Promise<void> {
  const committer = async () => ({ name: 'Grace', email: 'grace@example.org' })
  const workspace = createWorkspace(new WorkspaceStore({ ...mine.host, committer }, home), {
    project: 'vision'
  })
  const { rows } = await workspace.runs.find({ filter: 'name = "deep-slow"' })
  const address = rows[0]?.run.address as string
  await workspace.runs.update(address, { tags: ['candidate'] })
  await workspace.runs.update(address, { notes: 'Take **this** one.' })
  await workspace.close()
}

function paramsOf(n: number) {
  return {
    model: ['resnet', 'vit', 'mlp'][n % 3] as string,
    depth: 8 + (n % 7) * 4,
    width: 64 << (n % 4),
    lr: 10 ** -(1 + (n % 5)),
    batch: 32 << (n % 3),
    dropout: (n % 6) / 10,
    optimizer: n % 2 === 0 ? 'adam' : 'sgd',
    epochs: 20,
    warmup: n % 11,
    augment: n % 2 === 1
  }
}

/** A run of the sweep, worse than those that follow. */
function sweepRun(n: number) {
  const startedMs = BEGAN_MS + n * 20 * MINUTE_MS
  const accuracy = 0.5 + ((n * 7919) % 4000) / 10_000
  const summary = (last: number) => ({ last, min: last / 2, max: last * 2, count: 20, step: 19 })
  const isFailed = n % 97 === 0
  return {
    in: 'vision/nets',
    name: `sweep ${n}`,
    status: isFailed ? ('failed' as const) : ('finished' as const),
    started: new Date(startedMs).toISOString(),
    finished: new Date(startedMs + 10 * MINUTE_MS).toISOString(),
    params: paramsOf(n),
    seed: n,
    tags: ['sweep', `day-${Math.floor(n / 72)}`],
    metrics: {
      accuracy: summary(accuracy),
      f1: summary(accuracy - 0.02),
      loss: summary(1 - accuracy),
      'val/loss': summary(1.1 - accuracy),
      seconds: summary(300 + (n % 60))
    }
  }
}

/** Logs what a run of the net logs; so many of its cases are wrong, most of them dogs taken for foxes. */
async function fill(run: Run, mistakes: number): Promise<void> {
  for (let step = 0; step < 200; step++) {
    const loss = (1 + mistakes) / (step + 1)
    run.log({ loss, 'val/loss': loss * 1.1 }, { step })
  }
  const total = CLASSES.length * EACH
  const accuracy = 1 - mistakes / total
  run.log({ accuracy, f1: accuracy - 0.01, seconds: 400 })
  const matrix = CLASSES.map((_, i) => CLASSES.map((_, j) => (i === j ? EACH : 0)))
  for (let n = 0; n < total; n++) {
    const [actual, at] = [Math.floor(n / EACH), n % EACH]
    const isWrong = actual === 1 && at < mistakes
    const predicted = isWrong ? (at % 5 === 4 ? 3 : 2) : actual
    const row = matrix[actual] as number[]
    if (isWrong) row[actual] = (row[actual] as number) - 1
    if (isWrong) row[predicted] = (row[predicted] as number) + 1
    const [truth, prediction] = [CLASSES[actual] as string, CLASSES[predicted] as string]
    const cells = { image: `${n}.jpg`, truth, prediction, correct: !isWrong }
    run.row('predictions', cells, { key: 'image' })
  }
  run.value('confusion', { labels: CLASSES, matrix }, { type: 'confusion-matrix' })
  run.text(`${mistakes} of ${total} are wrong`)
  await run.artifact('model.json', JSON.stringify({ weights: [mistakes, total] }))
  await run.artifact('notes.md', '# How it went\n\nSlowly.\n')
}
