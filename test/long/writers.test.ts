import { testKills } from '../faults/kill-suite.ts'
import { testWriters } from '../faults/writers-suite.ts'

describe('nothing is lost by', () => {
  testWriters({ writers: 16, puts: 200, commits: 50 })
  testKills(500, 10)
})
