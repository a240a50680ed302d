import { testClones } from './clones-suite.ts'

describe('nothing is lost by', () => testClones({ folder: 3, http: 10 }))
