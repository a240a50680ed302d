import { utimesSync } from 'node:fs'

import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { testFileSystem } from '../conformance/file-system.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'

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
