import { DecisionTreeClassifier } from 'ml-cart'
import KNN from 'ml-knn'
import LogisticRegression from 'ml-logistic-regression'
import { Matrix } from 'ml-matrix'

/**
 * The models of the study, in one shape: `fit` learns from rows and class numbers and returns
 * `predict` (class numbers), `probabilities` (one for each class and row) and `toJSON`.
 *
 * `curve` says over what a learning curve is drawn: over training rows for the models that learn at
 * once, over steps for the one that learns by steps.
 */
export const models = {
  'nearest-neighbours': { component: 'ml-knn', curve: 'rows', fit: fitNeighbours },
  'decision-tree': { component: 'ml-cart', curve: 'rows', fit: fitTree },
  'logistic-regression': { component: 'ml-logistic-regression', curve: 'steps', fit: fitLogistic }
}

/** Every combination of parameters that the study tries. */
export const grid = [
  ...combinations('nearest-neighbours', {
    k: [1, 3, 5, 7, 9, 15],
    distance: ['euclidean', 'manhattan']
  }),
  ...combinations('decision-tree', { maxDepth: [2, 3, 5], minNumSamples: [3, 10] }),
  ...combinations('logistic-regression', { learningRate: [0.01, 0.05], steps: [32, 128, 512] })
]

/** The product of some lists of parameter values. */
export function combinations(model, values) {
  return Object.entries(values).reduce(
    (found, [name, options]) =>
      found.flatMap((combination) => options.map((value) => ({ ...combination, [name]: value }))),
    [{ model }]
  )
}

const distances = {
  euclidean: undefined,
  manhattan: (a, b) => {
    let sum = 0
    // A stored point has its class behind the measures, so the asked point says how many there are.
    for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i])
    return sum
  }
}

/** The probability of a class is its share of the k nearest rows. */
function fitNeighbours({ rows, labels, classCount }, { k, distance }) {
  if (!(distance in distances)) throw new RangeError(`There is no distance called ${distance}.`)
  const model = new KNN(rows, labels, { k, distance: distances[distance] })
  return {
    predict: (asked) => model.predict(asked),
    probabilities: (asked) =>
      asked.map((row) => {
        const votes = model.kdTree.nearest(row, k).map(([point]) => point[row.length])
        return shares(votes, classCount)
      }),
    toJSON: () => model.toJSON()
  }
}

/** The probability of a class is its share of the training rows in the leaf. */
function fitTree({ rows, labels, classCount }, { maxDepth, minNumSamples }) {
  const model = new DecisionTreeClassifier({ maxDepth, minNumSamples })
  model.train(rows, labels)
  return {
    predict: (asked) => model.predict(asked),
    probabilities: (asked) =>
      asked.map((row) => {
        const leaf = model.root.classify(row).to1DArray()
        return Array.from({ length: classCount }, (_, label) => leaf[label] ?? 0)
      }),
    toJSON: () => model.toJSON()
  }
}

/** One model for each class against the rest; their answers are scaled to sum to 1. */
function fitLogistic({ rows, labels }, { learningRate, steps }) {
  const training = new Matrix(rows)
  const means = training.mean('column')
  const deviations = training.standardDeviation('column', { mean: means })
  // The library's model has no intercept of its own: a column of ones gives it one.
  const prepare = (some) =>
    new Matrix(some.map((row) => [1, ...row.map((x, i) => (x - means[i]) / deviations[i])]))
  const model = new LogisticRegression({ learningRate, numSteps: steps })
  model.train(prepare(rows), Matrix.columnVector(labels))
  const probabilities = (asked) => {
    const prepared = prepare(asked)
    // The library codes the class itself as 0 and the rest as 1.
    const rest = model.classifiers.map((classifier) => classifier.testScores(prepared))
    return asked.map((_, row) => scaled(rest.map((scores) => 1 - scores[row])))
  }
  return {
    predict: (asked) => model.predict(prepare(asked)),
    probabilities,
    toJSON: () => ({ ...model.toJSON(), means, deviations })
  }
}

function shares(votes, classCount) {
  return Array.from(
    { length: classCount },
    (_, label) => votes.filter((vote) => vote === label).length / votes.length
  )
}

function scaled(weights) {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}
