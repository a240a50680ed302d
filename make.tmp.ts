import { makeHistory } from '/work/wt/transfer/bench/history.ts'
const [f, n] = process.argv.slice(2)
const t = Date.now()
await makeHistory(f!, Number(n))
console.log(n, Date.now() - t, 'ms')
