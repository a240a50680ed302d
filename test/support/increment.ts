/** Puts a number of commits on `refs/heads/n`, each on what is there; for tests with processes. */
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { formatCommit } from '../../src/git/commit.ts'
import { createObject } from '../../src/git/objects.ts'
import { openRepository } from '../../src/git/repository.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'

const [path = '', name = '', count = ''] = process.argv.slice(2)
const platform = createNodePlatform()
const { objects, refs } = await openRepository(createNodeFileSystem(), path, platform)
const ref = 'refs/heads/n'
const who = { name: 'Ada', email: 'ada@example.org', epochSeconds: 1_700_000_000, offset: '+0000' }
for (let done = 0; done < Number(count); ) {
  const found = await refs.read(ref)
  const tree = createObject(platform.hash, 'tree', encodeUtf8(''))
  const bytes = formatCommit({
    tree: tree.oid,
    parents: found === undefined ? [] : [found],
    author: who,
    committer: who,
    message: `${name} ${done}\n`
  })
  const commit = createObject(platform.hash, 'commit', bytes)
  const held = await objects.write([tree, commit])
  const outcome = await refs.update([{ ref, expected: found ?? null, value: commit.oid }])
  if (outcome.status === 'updated') done++
  await held.release()
}
