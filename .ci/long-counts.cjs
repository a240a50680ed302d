'use strict'
// What `npm run test:long` plays more of than `npm test`, in suites that both run.
process.env.RUNTREE_SCHEDULES ??= '5000'
