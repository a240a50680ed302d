import { testFaults } from '../faults/fault-suite.ts'
import { tried } from '../faults/faults.ts'
import { testRepairFaults } from '../faults/repair-suite.ts'
import { testRunFaults } from '../faults/run-suite.ts'

describe('a disk that fails at every call', () => {
  testFaults({ stride: 1, cuts: 3 })
  testRunFaults({ stride: 1, cuts: 3 })
  testRepairFaults({ stride: 1, cuts: 3 })
  after(() => console.log(`${tried.cases} cases, in ${tried.met} of them the fault was met`))
})
