import { testDecoders } from '../hostile/fuzz-suite.ts'

describe('damaged input harms no decoder', () =>
  testDecoders(Number(process.env.RUNTREE_FUZZ_CASES ?? 100_000), Date.now() % 1_000_000_007))
