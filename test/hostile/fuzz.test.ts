import { testDecoders } from './fuzz-suite.ts'

describe('damaged input harms no decoder', () => testDecoders(300, 20261125))
