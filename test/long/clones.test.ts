import { testClones } from '../faults/clones-suite.ts'

describe('nothing is lost by', () => testClones({ folder: 50, http: 50, ssh: 50 }))
