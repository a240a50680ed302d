import { testKills } from './kill-suite.ts'
import { testWriters } from './writers-suite.ts'

describe('nothing is lost by', () => {
  testWriters({ writers: 6, puts: 15, commits: 5 })
  testKills(8, 4)
})
