import { existsSync, utimesSync } from 'node:fs'
import { expect } from 'chai'

import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { testFileSystem } from '../conformance/file-system.ts'
import { createModelDisk } from '../support/disk-model.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { skipBecause } from '../support/programs.ts'

const OLD = new Date(Date.UTC(2001, 0, 1))

testFileSystem('memory', async () => {
  const fs = createMemoryFileSystem()
  await fs.makeFolder('/work')
  const age = (path: string): void => fs.volume.utimesSync(path, OLD, OLD)
  return { fs, root: '/work', age, async close() {} }
})

testFileSystem('node', async () => {
  const root = makeTempFolder()
  return {
    fs: createNodeFileSystem(),
    root,
    age: (path) => utimesSync(path, OLD, OLD),
    async close() {
      removeTempFolder(root)
    }
  }
})

testFileSystem('the model of a disk', async () => {
  const fs = createModelDisk()
  await fs.makeFolder('/work')
  return { fs, root: '/work', age: (path) => fs.age(path), async close() {} }
})

describe('the file system of node', () => {
  it('gives up where no folder can be made, though the one above is there', async function () {
    if (!existsSync('/proc/self')) skipBecause(this, 'there is no /proc')
    const outcome = await createNodeFileSystem()
      .makeFolder('/proc/runtree/workspace')
      .then(
        () => 'made',
        (error: NodeJS.ErrnoException) => error.code
      )
    expect(outcome).to.equal('ENOENT')
  })
})
