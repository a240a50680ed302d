import { boundariesOf, type ChooseFaults, testNetwork } from '../faults/network-suite.ts'

const CUTS = Number(process.env.RUNTREE_NETWORK_CUTS ?? 400)

/** Each place where a message ends, and as many others as were asked for, by a fixed seed. */
const choose: ChooseFaults = ({ answer, requestBytes }) => {
  let state = 20_261_129
  const draw = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const drawn = Array.from({ length: CUTS }, () => {
    const side = draw(3) === 0 ? ('request' as const) : ('answer' as const)
    const after = draw(side === 'answer' ? answer.length : requestBytes)
    const how = draw(8) === 0 ? ('stall' as const) : ('cut' as const)
    return { side, after, how, isLasting: draw(2) === 0 }
  })
  return [
    ...boundariesOf(answer).map((after) => ({ side: 'answer', after, how: 'cut' }) as const),
    ...drawn
  ]
}

describe('a connection that breaks anywhere', () => testNetwork(choose))
