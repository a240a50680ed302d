import { boundariesOf, type ChooseFaults, testNetwork } from './network-suite.ts'

/** Of a pull each place where a message ends, of the others some: each costs a dozen git programs. */
const choose: ChooseFaults = ({ operation, answer, requestBytes }) => {
  const all = boundariesOf(answer)
  const step = operation === 'pull' ? 1 : Math.ceil(all.length / 4)
  const places = all.filter((_, at) => at % step === step - 1)
  return [
    ...places.map((after) => ({ side: 'answer', after, how: 'cut' }) as const),
    { side: 'request', after: requestBytes - 1, how: 'cut', isLasting: true },
    { side: 'answer', after: answer.length >> 1, how: 'stall' }
  ]
}

describe('a connection that breaks where a message ends', () => testNetwork(choose))
