import { testFaults } from './fault-suite.ts'
import { testRunFaults } from './run-suite.ts'

describe('a disk that fails', () => {
  testFaults({ stride: 29, cuts: 1 })
  testRunFaults({ stride: 29, cuts: 1 })
})
