import { testObjects } from '../hostile/objects-suite.ts'

describe('objects and refs that somebody else made', () => testObjects(1_000_000))
