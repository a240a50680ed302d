import { ConfusionMatrix } from 'ml-confusion-matrix'

/** Probabilities are kept this far from 0 and 1, so that a sure and wrong model has a finite loss. */
const CLIP = 1e-15

/** Counts predictions: a row for each true class, a column for each predicted one. */
export function confusionMatrix(truth, predicted, classCount) {
  return confusion(truth, predicted, classCount).getMatrix()
}

/** The share of right predictions. */
export function accuracy(truth, predicted) {
  return truth.filter((label, row) => label === predicted[row]).length / truth.length
}

/** The mean of the classes' F1 scores; a class that neither occurs nor is predicted counts as 0. */
export function macroF1(truth, predicted, classCount) {
  const matrix = confusion(truth, predicted, classCount)
  const scores = matrix.getLabels().map((label) => matrix.getF1Score(label) || 0)
  return scores.reduce((sum, score) => sum + score, 0) / classCount
}

/** The mean of −ln p, where p is the probability that the model gave to the true class. */
export function logLoss(truth, probabilities) {
  const losses = truth.map((label, row) => {
    const given = probabilities[row][label]
    return -Math.log(Math.min(Math.max(given, CLIP), 1 - CLIP))
  })
  return losses.reduce((sum, loss) => sum + loss, 0) / truth.length
}

/** All measures of some predictions, by metric name. */
export function measure({ truth, predicted, probabilities }, classCount) {
  return {
    accuracy: accuracy(truth, predicted),
    'macro-f1': macroF1(truth, predicted, classCount),
    'log-loss': logLoss(truth, probabilities)
  }
}

function confusion(truth, predicted, classCount) {
  const labels = Array.from({ length: classCount }, (_, label) => label)
  return ConfusionMatrix.fromLabels(truth, predicted, { labels })
}
