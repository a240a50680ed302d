import { testObjects } from './objects-suite.ts'

describe('objects and refs that somebody else made', () => testObjects(100_000))
