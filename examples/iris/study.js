import { openWorkspace, track } from 'runtree'
import { classes, describeDataset, labels } from './data.js'
import { learningCurve, predict, score, toRows, train } from './evaluate.js'
import { stratifiedFolds } from './folds.js'
import { confusionMatrix } from './measures.js'
import { grid as fullGrid, models } from './models.js'

export const project = 'iris'
export const experiment = 'iris-classifiers'
const dataset = describeDataset()

/**
 * What became of a combination; an `error` if its run failed.
 *
 * @typedef {{
 *   combination: object, address?: string, scores?: Record<string, number>, error?: Error
 * }} Outcome
 */

/**
 * Cross-validates every combination of parameters, each as a run of one experiment.
 *
 * A combination that fails is a failed run; the others go on.
 *
 * @param {object} options
 * @param {string} options.workspace The folder that the project is stored in.
 * @param {object[]} [options.grid] Default: every combination of models.js.
 * @param {number} [options.seed] Default: 1.
 * @param {(outcome: Outcome) => void} [options.onRun] Told of each run when it has ended.
 * @returns {Promise<Outcome[]>} One for each combination, in their order.
 */
export async function runStudy({ workspace, grid = fullGrid, seed = 1, onRun = () => {} }) {
  await describeStudy(workspace)
  const folds = stratifiedFolds(labels, { seed })
  const outcomes = []
  for (const combination of grid) {
    const outcome = await runCombination(combination, folds, { workspace, seed })
    outcomes.push(outcome)
    onRun(outcome)
  }
  return outcomes
}

/** Writes down what the study is about: the data, the question, and how its metrics are read. */
async function describeStudy(folder) {
  const workspace = await openWorkspace({ folder })
  try {
    const { address } = await workspace.projects.put({
      name: project,
      description: 'Which classifier tells the species of iris flowers apart best?'
    })
    await workspace.datasets.put({ in: address, ...dataset })
    await workspace.experiments.put({
      in: address,
      name: experiment,
      description: 'Stratified 5-fold cross-validation over a grid of parameters of three models.',
      metrics: {
        accuracy: { goal: 'maximize', description: 'Share of right predictions.' },
        'macro-f1': { goal: 'maximize', description: 'Mean of the F1 scores of the species.' },
        'log-loss': { goal: 'minimize', unit: 'nat', description: 'Mean of −ln p of the truth.' },
        ...curveMetrics('by-rows', 'Step: number of training rows.'),
        ...curveMetrics('by-steps', 'Step: number of gradient steps.')
      }
    })
  } finally {
    await workspace.close()
  }
}

function curveMetrics(kind, description) {
  return Object.fromEntries(
    ['train', 'test'].flatMap((part) => [
      [`${kind}/${part}-accuracy`, { goal: 'maximize', description }],
      [`${kind}/${part}-log-loss`, { goal: 'minimize', unit: 'nat', description }]
    ])
  )
}

async function runCombination(combination, folds, { workspace, seed }) {
  const outcome = { combination }
  const settings = {
    workspace,
    project,
    experiment,
    name: describe(combination),
    params: combination,
    seed,
    datasets: {
      iris: { version: dataset.version, digest: dataset.digest, role: 'cross-validation' }
    },
    quiet: true
  }
  try {
    await track(settings, async (run) => {
      outcome.address = run.address
      outcome.scores = await crossValidate(run, combination, folds, seed)
    })
  } catch (error) {
    outcome.error = error
  }
  return outcome
}

/** Evaluates a combination on every fold, and on all of them together. */
async function crossValidate(run, combination, folds, seed) {
  const predictions = folds.map((fold) => evaluateFold(run, combination, fold, seed))
  const scores = score(...predictions)
  run.log(scores)

  const truth = predictions.flatMap((part) => part.truth)
  const predicted = predictions.flatMap((part) => part.predicted)
  const matrix = confusionMatrix(truth, predicted, classes.length)
  run.value('confusion-matrix', { labels: classes, matrix }, { type: 'confusion-matrix' })

  const everyRow = labels.map((_, row) => row)
  await run.artifact('model.json', JSON.stringify(train(combination, everyRow)))
  return scores
}

function evaluateFold(run, combination, fold, seed) {
  const { model, ...hyperparams } = combination
  const split = run.split(fold.name, {
    dataset: 'iris',
    seed,
    train: { count: fold.train.length, indices: fold.train },
    test: { count: fold.test.length, indices: fold.test }
  })

  if (!(model in models)) throw new RangeError(`There is no model called ${model}.`)
  const { component } = models[model]
  const training = run.computation(`train-${fold.name}`, {
    component,
    split: fold.name,
    hyperparams
  })
  const fitted = train(combination, fold.train)
  training.finish()

  const evaluation = run.computation(`evaluate-${fold.name}`, {
    component: 'measures.js',
    split: fold.name,
    predecessor: training.name
  })
  const prediction = predict(fitted, fold.test)
  const scores = score(prediction)
  split.log(scores)
  for (const row of toRows(prediction)) {
    run.row('predictions', { ...row, split: fold.name }, { key: 'index' })
  }
  evaluation.finish()

  for (const { step, values } of learningCurve(combination, fold, seed)) split.log(values, { step })
  run.text(`${fold.name}: accuracy ${scores.accuracy.toFixed(3)}`)
  return prediction
}

/** A combination in few words: `decision-tree maxDepth=3 minNumSamples=10`. */
export function describe({ model, ...params }) {
  return [model, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(' ')
}
