import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { runStudy } from '../../examples/iris/study.js'
import { shareStudy } from '../../examples/iris/team.js'
import { openWorkspace } from '../../src/node.ts'
import type { Workspace } from '../../src/service/workspace.ts'

const grid = [
  { model: 'nearest-neighbours', k: 5, distance: 'euclidean' },
  { model: 'nearest-neighbours', k: 5, distance: 'lunar' },
  { model: 'logistic-regression', learningRate: 0.05, steps: 32 }
]

type Outcome = Awaited<ReturnType<typeof runStudy>>[number]

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd,
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    encoding: 'utf8',
    stdio: 'pipe'
  })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('the iris study', () => {
  let folder: string
  let outcomes: Outcome[]
  let workspace: Workspace

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runtree-iris-'))
    outcomes = await runStudy({ workspace: folder, grid, seed: 3 })
    workspace = await openWorkspace({ folder })
  })

  after(async () => {
    await workspace?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('stores a run for each combination, with its parameters, seed and dataset', async () => {
    const runs = await collect(workspace.runs.list({ in: 'iris/iris-classifiers' }))
    expect(runs).to.have.length(3)
    const first = await workspace.runs.get(outcomes[0]?.address as string)
    expect(first?.fields).to.deep.include({ status: 'finished', seed: 3, params: grid[0] })
    const dataset = await collect(workspace.datasets.list({ in: 'iris' }))
    expect(dataset[0]?.fields.attributes).to.have.length(5)
    expect(first?.fields.datasets?.iris?.digest).to.equal(dataset[0]?.fields.digest)
  })

  it('stores a combination that fails as a failed run and goes on', async () => {
    expect(outcomes.map(({ error }) => error === undefined)).to.deep.equal([true, false, true])
    const failed = await workspace.runs.get(outcomes[1]?.address as string)
    expect(failed?.fields.status).to.equal('failed')
    expect(failed?.fields.error?.message).to.contain('lunar')
  })

  it('sums every metric up over the folds and overall', async () => {
    const { fields } = (await workspace.runs.get(outcomes[0]?.address as string)) ?? {}
    const accuracy = fields?.metrics?.accuracy
    expect(accuracy?.count).to.equal(6)
    expect(accuracy?.last).to.be.closeTo(outcomes[0]?.scores?.accuracy as number, 1e-12)
    expect(accuracy?.mean).to.be.closeTo(accuracy?.last as number, 1e-12)
    expect(accuracy?.std).to.be.within(0, 0.1)
    expect(fields?.metrics).to.include.keys('macro-f1', 'log-loss', 'by-rows/test-accuracy')
  })

  it('declares which way each metric gets better', async () => {
    const experiment = await workspace.experiments.get('iris/iris-classifiers')
    expect(experiment?.fields.metrics?.accuracy?.goal).to.equal('maximize')
    expect(experiment?.fields.metrics?.['log-loss']?.goal).to.equal('minimize')
  })

  it('stores splits, computations, the confusion matrix and the model', async () => {
    const address = outcomes[2]?.address as string
    const splits = await collect(workspace.splits.list({ in: address }))
    expect(splits.map(({ fields }) => fields.test?.indices?.length)).to.deep.equal(
      Array.from({ length: 5 }, () => 30)
    )
    const computations = await collect(workspace.computations.list({ in: address }))
    expect(computations).to.have.length(10)
    for (const { fields } of computations) expect(fields.finished).to.be.a('string')
    const metrics = await collect(workspace.metrics.list({ in: address }))
    const value = metrics[0]?.fields.value as { labels: string[]; matrix: number[][] } | undefined
    expect(value?.labels).to.deep.equal(['setosa', 'versicolor', 'virginica'])
    expect(value?.matrix.flat().reduce((sum, count) => sum + count, 0)).to.equal(150)
    const artifacts = await collect(workspace.artifacts.list(address))
    expect(artifacts.map(({ path }) => path)).to.deep.equal(['model.json'])
  })

  it('stores the prediction for every flower', async () => {
    const rows = await collect(workspace.runs.rows(outcomes[0]?.address as string, 'predictions'))
    expect(new Set(rows.map((row) => row.index)).size).to.equal(150)
    const right = rows.filter((row) => row.truth === row.prediction)
    expect(right.length / 150).to.be.closeTo(outcomes[0]?.scores?.accuracy as number, 1e-12)
  })

  it('stores the learning curve of the logistic regression by fold and step', async () => {
    const address = outcomes[2]?.address as string
    const points = await collect(
      workspace.runs.series(address, { metrics: ['by-steps/train-log-loss'] })
    )
    const first = points.filter(({ split }) => split === 'fold-1')
    expect(first.map(({ step }) => step)).to.deep.equal([1, 2, 4, 8, 16, 32])
  })

  it('adds runs when it runs again and leaves a repository that git finds sound', async () => {
    await runStudy({ workspace: folder, grid: grid.slice(0, 1), seed: 3 })
    const runs = await collect(workspace.runs.list({ in: 'iris/iris-classifiers' }))
    expect(runs).to.have.length(4)
    git(join(folder, 'iris.git'), 'fsck', '--strict', '--no-dangling')
  })

  it('is shared: another workspace gets it, adds a run, and both have all of it', async () => {
    const best = outcomes[0]?.address as string
    const share = () =>
      shareStudy({ workspace: folder, folder: join(folder, 'team'), best, seed: 3 })
    for (const expected of [5, 6]) {
      const { repository, theirs, added } = await share()
      const colleague = await openWorkspace({ folder: theirs })
      const runs = await collect(colleague.runs.list({ in: 'iris/iris-classifiers' }))
      expect(runs).to.have.length(expected)
      expect((await colleague.runs.get(best))?.fields.tags).to.deep.equal(['best-so-far', 'seed-3'])
      await colleague.close()
      expect((await workspace.runs.get(added as string))?.fields.status).to.equal('finished')
      const heads = [join(folder, 'iris.git'), join(theirs, 'iris.git'), repository].map((path) => {
        git(path, 'fsck', '--strict', '--no-dangling')
        return git(path, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads')
      })
      expect(new Set(heads).size).to.equal(1)
    }
  })
})
