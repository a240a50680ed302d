import { expect } from 'chai'
import { classes, describeDataset, labels, rows, toCsv } from '../../examples/iris/data.js'
import { learningCurve, predict, score, toRows, train } from '../../examples/iris/evaluate.js'
import { growingSubsets, stratifiedFolds } from '../../examples/iris/folds.js'
import { accuracy, confusionMatrix, logLoss, macroF1 } from '../../examples/iris/measures.js'
import { combinations, grid, models } from '../../examples/iris/models.js'

interface Fold {
  readonly name: string
  readonly train: readonly number[]
  readonly test: readonly number[]
}

const ascending = (indices: readonly number[]): number[] => [...indices].sort((a, b) => a - b)
const everyRow = Array.from({ length: 150 }, (_, row) => row)

describe('the data of the iris example', () => {
  it('are the 150 flowers that Fisher published, 50 of each species', () => {
    expect(rows).to.have.length(150)
    expect(rows[0]).to.deep.equal([5.1, 3.5, 1.4, 0.2])
    expect(rows[34]).to.deep.equal([4.9, 3.1, 1.5, 0.2])
    expect(rows[149]).to.deep.equal([5.9, 3, 5.1, 1.8])
    for (const label of [0, 1, 2]) {
      expect(labels.filter((other: number) => other === label)).to.have.length(50)
    }
  })

  it('are described with their attributes and a digest of their text', () => {
    const dataset = describeDataset()
    expect(toCsv().split('\n')[1]).to.equal('5.1,3.5,1.4,0.2,setosa')
    expect(toCsv().split('\n')).to.have.length(152)
    expect(dataset.digest).to.equal(
      'sha256:b819e1e28ec69d836e2d6a3de8223566962f931b010fec6d6bcdb846560a2d68'
    )
    expect(dataset.attributes).to.have.length(5)
    expect(dataset.attributes[0]).to.include({ name: 'sepal length', unit: 'cm', type: 'number' })
    expect(dataset.attributes[4]).to.include({ name: 'species', defaultTarget: true })
  })
})

describe('the folds of the iris example', () => {
  const folds: Fold[] = stratifiedFolds(labels, { seed: 7 })

  it('test every row exactly once and train on all others', () => {
    expect(folds).to.have.length(5)
    expect(ascending(folds.flatMap((fold) => fold.test))).to.deep.equal(everyRow)
    for (const fold of folds) {
      expect(ascending([...fold.train, ...fold.test])).to.deep.equal(everyRow)
    }
  })

  it('have ten of each species in every test part', () => {
    for (const fold of folds) {
      const counts = [0, 1, 2].map(
        (label) => fold.test.filter((row) => labels[row] === label).length
      )
      expect(counts).to.deep.equal([10, 10, 10])
    }
  })

  it('differ in size by one at most when the rows do not divide evenly', () => {
    const uneven: Fold[] = stratifiedFolds([0, 0, 0, 0, 1, 1, 1], { count: 3 })
    expect(uneven.map((fold) => fold.test.length).sort()).to.deep.equal([2, 2, 3])
  })

  it('are the same for a seed and others for another', () => {
    expect(stratifiedFolds(labels, { seed: 7 })).to.deep.equal(folds)
    expect(stratifiedFolds(labels, { seed: 8 })).not.to.deep.equal(folds)
  })

  it('grow in nested subsets that keep the shares of the species', () => {
    const fold = folds[0] as Fold
    const subsets: number[][] = growingSubsets(fold.train, labels, [15, 60, 120, 500], 7)
    expect(subsets.map((subset) => subset.length)).to.deep.equal([15, 60, 120])
    expect(subsets[1]?.slice(0, 15)).to.deep.equal(subsets[0])
    expect(ascending(subsets[2] ?? [])).to.deep.equal(fold.train)
    for (const subset of subsets) {
      const setosa = subset.filter((row) => labels[row] === 0)
      expect(setosa).to.have.length(subset.length / 3)
    }
  })
})

describe('the measures of the iris example', () => {
  const truth = [0, 0, 1, 1, 2, 2]
  const predicted = [0, 1, 1, 1, 2, 0]

  it('count predictions with the truth in rows', () => {
    expect(confusionMatrix(truth, predicted, 3)).to.deep.equal([
      [1, 1, 0],
      [0, 2, 0],
      [1, 0, 1]
    ])
  })

  it('take accuracy and macro F1 as worked out by hand', () => {
    expect(accuracy(truth, predicted)).to.equal(4 / 6)
    // F1 of class 0: 2/(2+1+1) = 1/2; of class 1: 4/(4+1) = 4/5; of class 2: 2/(2+1) = 2/3.
    expect(macroF1(truth, predicted, 3)).to.be.closeTo((1 / 2 + 4 / 5 + 2 / 3) / 3, 1e-12)
  })

  it('count a class that never occurs as 0 in macro F1', () => {
    expect(macroF1([0, 0], [0, 0], 2)).to.equal(0.5)
  })

  it('take the log loss of the true class and keep it finite when the model was surely wrong', () => {
    const given = [
      [0.5, 0.5],
      [0.75, 0.25]
    ]
    expect(logLoss([0, 1], given)).to.be.closeTo((Math.log(2) + Math.log(4)) / 2, 1e-12)
    expect(logLoss([0], [[0, 1]])).to.be.closeTo(-Math.log(1e-15), 1e-9)
    expect(logLoss([0], [[1, 0]])).to.be.closeTo(0, 1e-12)
  })
})

describe('the models of the iris example', () => {
  const folds: Fold[] = stratifiedFolds(labels, { seed: 1 })
  const crossValidate = (combination: (typeof grid)[number]) =>
    folds.map((fold) => predict(train(combination, fold.train), fold.test))
  const typical = [
    { model: 'nearest-neighbours', k: 5, distance: 'euclidean' },
    { model: 'nearest-neighbours', k: 5, distance: 'manhattan' },
    { model: 'decision-tree', maxDepth: 3, minNumSamples: 3 },
    { model: 'logistic-regression', learningRate: 0.05, steps: 128 }
  ]

  it('are tried in at least 24 different combinations of parameters', () => {
    const different = new Set(grid.map((combination: object) => JSON.stringify(combination)))
    expect(different.size).to.equal(grid.length).and.to.be.at.least(24)
    for (const { model } of grid) expect(models).to.have.property(model)
    expect(combinations('m', { a: [1, 2], b: ['x', 'y'] })).to.deep.equal([
      { model: 'm', a: 1, b: 'x' },
      { model: 'm', a: 1, b: 'y' },
      { model: 'm', a: 2, b: 'x' },
      { model: 'm', a: 2, b: 'y' }
    ])
  })

  for (const combination of typical) {
    const name = JSON.stringify(combination)

    it(`tell more than 90 of 100 flowers apart: ${name}`, () => {
      const predictions = crossValidate(combination)
      const scores = score(...predictions)
      expect(scores.accuracy).to.be.within(0.9, 1)
      expect(scores['macro-f1']).to.be.within(0.9, 1)
      expect(scores['log-loss']).to.be.within(0, 2)
      expect(predictions.flatMap(toRows)).to.have.length(150)
    })

    it(`give probabilities that sum to 1 and favour the prediction: ${name}`, () => {
      for (const { predicted, probabilities } of crossValidate(combination)) {
        probabilities.forEach((given: number[], i: number) => {
          expect(given).to.have.length(3)
          expect(given.reduce((sum, p) => sum + p, 0)).to.be.closeTo(1, 1e-9)
          expect(given[predicted[i]]).to.equal(Math.max(...given))
        })
      }
    })

    it(`give the same again: ${name}`, () => {
      expect(crossValidate(combination)).to.deep.equal(crossValidate(combination))
    })

    it(`can be written as JSON: ${name}`, () => {
      const text = JSON.stringify(train(combination, everyRow))
      expect(JSON.parse(text)).to.have.property('name')
    })
  }

  it('reach the accuracy that five nearest neighbours are known for', () => {
    const accuracies = Array.from({ length: 10 }, (_, seed) => {
      const some: Fold[] = stratifiedFolds(labels, { seed })
      const combination = { model: 'nearest-neighbours', k: 5, distance: 'euclidean' }
      return score(...some.map((fold) => predict(train(combination, fold.train), fold.test)))
        .accuracy as number
    })
    const mean = accuracies.reduce((sum, one) => sum + one, 0) / accuracies.length
    expect(mean).to.be.within(0.955, 0.975)
  })

  it('put every row into the confusion matrix', () => {
    const predictions = crossValidate({ model: 'decision-tree', maxDepth: 3, minNumSamples: 3 })
    const truth = predictions.flatMap((part) => part.truth)
    const predicted = predictions.flatMap((part) => part.predicted)
    const matrix: number[][] = confusionMatrix(truth, predicted, classes.length)
    expect(matrix.map((row) => row.reduce((sum, count) => sum + count, 0))).to.deep.equal([
      50, 50, 50
    ])
  })

  it('refuse a distance that does not exist', () => {
    const combination = { model: 'nearest-neighbours', k: 3, distance: 'lunar' }
    expect(() => train(combination, everyRow)).to.throw(RangeError, 'lunar')
  })

  it('draw a curve over steps that falls and ends where the whole training ends', () => {
    const combination = { model: 'logistic-regression', learningRate: 0.05, steps: 64 }
    const fold = folds[0] as Fold
    const points = [...learningCurve(combination, fold, 1)]
    expect(points.map((point) => point.step)).to.deep.equal([1, 2, 4, 8, 16, 32, 64])
    const losses = points.map((point) => point.values['by-steps/train-log-loss'] as number)
    expect(losses).to.deep.equal([...losses].sort((a, b) => b - a))
    const whole = score(predict(train(combination, fold.train), fold.test))
    expect(points.at(-1)?.values['by-steps/test-log-loss']).to.equal(whole['log-loss'])
  })

  it('draw a curve over rows for the models that learn at once', () => {
    const combination = { model: 'decision-tree', maxDepth: 3, minNumSamples: 3 }
    const points = [...learningCurve(combination, folds[0] as Fold, 1)]
    expect(points.map((point) => point.step)).to.deep.equal([15, 30, 60, 90, 120])
    for (const { values } of points) expect(values['by-rows/test-accuracy']).to.be.within(0, 1)
  })
})
