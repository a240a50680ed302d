import { classes, labels, rows } from './data.js'
import { growingSubsets } from './folds.js'
import { measure } from './measures.js'
import { models } from './models.js'

const classCount = classes.length
const curveSizes = [15, 30, 60, 90, 120]

/** Trains one combination of parameters on some rows of the data. */
export function train({ model, ...params }, indices) {
  return models[model].fit(
    { rows: indices.map((index) => rows[index]), labels: labelsOf(indices), classCount },
    params
  )
}

/** Asks a trained model for some rows. */
export function predict(fitted, indices) {
  const asked = indices.map((index) => rows[index])
  return {
    indices,
    truth: labelsOf(indices),
    predicted: fitted.predict(asked),
    probabilities: fitted.probabilities(asked)
  }
}

/** Measures predictions, of one fold or of several together. */
export function score(...predictions) {
  return measure(
    {
      truth: predictions.flatMap((part) => part.truth),
      predicted: predictions.flatMap((part) => part.predicted),
      probabilities: predictions.flatMap((part) => part.probabilities)
    },
    classCount
  )
}

/** The predictions as rows for people and programs. */
export function toRows({ indices, truth, predicted, probabilities }) {
  return indices.map((index, i) => ({
    index,
    truth: classes[truth[i]],
    prediction: classes[predicted[i]],
    correct: truth[i] === predicted[i],
    ...Object.fromEntries(classes.map((name, label) => [name, probabilities[i][label]]))
  }))
}

/**
 * Draws the learning curve of a combination on one fold: points of a step and its metrics.
 *
 * The logistic regression always begins at zero and has no chance in it, so training it anew with 1,
 * 2, 4, … steps meets the very states that the longest training goes through.
 */
export function* learningCurve(combination, fold, seed) {
  if (models[combination.model].curve === 'steps') {
    for (let steps = 1; steps <= combination.steps; steps *= 2) {
      yield curvePoint(steps, 'by-steps', { ...combination, steps }, fold.train, fold.test)
    }
  } else {
    for (const subset of growingSubsets(fold.train, labels, curveSizes, seed)) {
      yield curvePoint(subset.length, 'by-rows', combination, subset, fold.test)
    }
  }
}

function curvePoint(step, kind, combination, trainIndices, testIndices) {
  const fitted = train(combination, trainIndices)
  const onTrain = score(predict(fitted, trainIndices))
  const onTest = score(predict(fitted, testIndices))
  return {
    step,
    values: {
      [`${kind}/train-log-loss`]: onTrain['log-loss'],
      [`${kind}/train-accuracy`]: onTrain.accuracy,
      [`${kind}/test-log-loss`]: onTest['log-loss'],
      [`${kind}/test-accuracy`]: onTest.accuracy
    }
  }
}

function labelsOf(indices) {
  return indices.map((index) => labels[index])
}
