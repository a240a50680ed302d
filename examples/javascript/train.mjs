// Trains a small neural network on two spirals, which no straight line divides.
//
//   node examples/javascript/train.mjs
//
// The script makes its run itself. `runtree run -- node examples/javascript/train.mjs` works as well.
import { track } from 'runtree'

const params = { hidden: 16, rate: 0.05, steps: Number(process.argv[2] ?? 300) }
const seed = 1
const random = generator(seed)
const points = spirals(100)

await track({ experiment: 'spirals', params, seed, tags: ['neural-network'] }, async (run) => {
  const network = createNetwork(params.hidden)
  for (let step = 1; step <= params.steps; step++) {
    for (const point of points) learn(network, point, params.rate)
    if (step % 10 === 0 || step === 1) run.log(measure(network), { step })
  }
  points.forEach(({ x, y, label }, index) => {
    const probability = answer(network, x, y).output
    run.row('predictions', { index, x, y, truth: label, probability })
  })
  await run.artifact('network.json', JSON.stringify(network))
  const { loss, accuracy } = measure(network)
  run.text(`loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`)
  console.log(`loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`)
})

/** Two arms of a spiral with a little noise, in turn. */
function spirals(countOfEach) {
  return Array.from({ length: 2 * countOfEach }, (_, i) => {
    const label = i % 2
    const way = Math.floor(i / 2) / countOfEach
    const angle = 4 * way + label * Math.PI
    const noise = () => 0.05 * (random() - 0.5)
    return { x: way * Math.cos(angle) + noise(), y: way * Math.sin(angle) + noise(), label }
  })
}

/** One hidden layer; each unit has weights for x, y and 1, and one for the output. */
function createNetwork(hidden) {
  const weight = () => 4 * (random() - 0.5)
  const unit = () => ({ x: weight(), y: weight(), bias: weight(), out: weight() })
  return { units: Array.from({ length: hidden }, unit), bias: 0 }
}

function answer({ units, bias }, x, y) {
  const active = units.map((unit) => Math.tanh(unit.x * x + unit.y * y + unit.bias))
  const sum = units.reduce((total, unit, i) => total + unit.out * active[i], bias)
  return { active, output: 1 / (1 + Math.exp(-sum)) }
}

/** One step of stochastic gradient descent on the cross-entropy. */
function learn(network, { x, y, label }, rate) {
  const { active, output } = answer(network, x, y)
  const error = output - label
  network.units.forEach((unit, i) => {
    const back = error * unit.out * (1 - active[i] ** 2)
    unit.out -= rate * error * active[i]
    unit.x -= rate * back * x
    unit.y -= rate * back * y
    unit.bias -= rate * back
  })
  network.bias -= rate * error
}

function measure(network) {
  let loss = 0
  let right = 0
  for (const { x, y, label } of points) {
    const { output } = answer(network, x, y)
    loss -= Math.log(Math.max(label === 1 ? output : 1 - output, 1e-15))
    if (output > 0.5 === (label === 1)) right += 1
  }
  return { loss: loss / points.length, accuracy: right / points.length }
}

/** Mulberry32: a small seeded generator of numbers from 0 to 1. */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
