/** Reads objects over and over, one by one and many at once, until its input ends; tells what was missing. */
import { once } from 'node:events'

import { openRepository } from '../../src/git/repository.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'

const repository = await openRepository(
  createNodeFileSystem(),
  process.argv[2] as string,
  createNodePlatform()
)
const [line] = await once(process.stdin.setEncoding('utf8'), 'data')
const oids = String(line).trim().split(' ')
let isEnded = false
process.stdin.once('end', () => {
  isEnded = true
})
process.stdin.resume()
process.stdout.write('ready\n')
let missing = 0
for (let turn = 0; !isEnded; turn++) {
  const some = oids.filter((_, at) => (at + turn) % 3 === 0)
  const found = await Promise.all(some.map((oid) => repository.objects.read(oid)))
  missing += found.filter((object) => object === undefined).length
  let many = 0
  for await (const _ of repository.objects.readMany(oids)) {
    many++
    // Between two objects others get their turn, as they do where reading is slow.
    if (many % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  missing += oids.length - many
  for (const oid of some.slice(0, 20)) if (!(await repository.objects.has(oid))) missing++
  await new Promise((resolve) => setImmediate(resolve))
}
process.stdout.write(`missing ${missing}\n`)
