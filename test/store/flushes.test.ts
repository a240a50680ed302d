import { expect } from 'chai'

import type { FileSystem } from '../../src/base/platform.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { withTempFolder } from '../support/git.ts'

/** Files that count how often the disk is asked to keep something. */
function countFlushes(): { readonly files: FileSystem; readonly paths: string[] } {
  const plain = createNodeFileSystem()
  const paths: string[] = []
  const files: FileSystem = {
    ...plain,
    create(path, bytes, options) {
      if (options?.sync) paths.push(path)
      return plain.create(path, bytes, options)
    },
    write(path, bytes, options) {
      if (options?.sync) paths.push(path)
      return plain.write(path, bytes, options)
    },
    syncFolder(path) {
      paths.push(path)
      return plain.syncFolder(path)
    },
    async openAppend(path) {
      const file = await plain.openAppend(path)
      return {
        append: (bytes) => file.append(bytes),
        close: () => file.close(),
        sync() {
          paths.push(path)
          return file.sync()
        }
      }
    }
  }
  return { files, paths }
}

describe('a put', () => {
  it('is on the disk with five flushes at most', async () => {
    await withTempFolder(async (folder) => {
      const { files, paths } = countFlushes()
      const host = {
        files,
        platform: createNodePlatform(),
        committer: async () => ({ name: 'Ada', email: 'ada@example.org' })
      }
      const workspace = createWorkspace(new WorkspaceStore(host, folder), { project: 'vision' })
      await workspace.projects.create({ name: 'Vision' })
      await workspace.experiments.create({ name: 'Train', in: 'vision' })
      for (const k of [1, 2, 3]) {
        paths.length = 0
        await workspace.runs.create({ in: 'vision/train', params: { k } })
        expect(paths).to.have.lengthOf.within(3, 5)
      }
      await workspace.close()
    })
  })
})
