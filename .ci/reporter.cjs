'use strict'
const { reporters, Runner } = require('mocha')

const { EVENT_RUN_END, EVENT_TEST_PENDING } = Runner.constants
const REASON = / \(skipped: (.+)\)$/

/** Prints dots, what failed, what was skipped and why, and last the line `N passed, N failed`. */
module.exports = class Reporter extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options)
    const skipped = []
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()))
    runner.once(EVENT_RUN_END, () => {
      for (const title of skipped) console.log(`  skipped: ${title.replace(REASON, ': $1')}`)
      const silent = skipped.filter((title) => !REASON.test(title))
      if (silent.length > 0) console.log(`  ${silent.length} of them without a reason`)
      const failed = this.stats.failures + (process.env.CI === 'true' ? silent.length : 0)
      console.log(`\n${this.stats.passes} passed, ${failed} failed`)
      if (failed > 0) process.exitCode = 1
    })
  }
}
