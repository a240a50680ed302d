import { testRepairFaults } from './repair-suite.ts'

describe('a disk that fails', () => testRepairFaults({ stride: 47, cuts: 1 }))
