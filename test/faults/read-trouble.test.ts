import { expect } from 'chai'
import { isCoded } from '../../src/base/errors.ts'
import type { FileSystem } from '../../src/base/platform.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { createFaultyFileSystem } from '../support/faulty-file-system.ts'
import { makeTempFolder, removeTempFolder } from '../support/git.ts'
import { collect } from '../support/workspaces.ts'

const COMMITTER = { name: 'Ada', email: 'ada@example.org' }
const READING = ['stat', 'read', 'readRange', 'list']

describe('a file that can’t be read', () => {
  let folder: string
  let address: string
  const questions: Readonly<Record<string, (workspace: Workspace) => Promise<unknown>>> = {
    'a run': (workspace) => workspace.runs.get(address),
    'the runs': (workspace) => collect(workspace.runs.list({ in: 'train' })),
    'a question about runs': (workspace) => workspace.runs.find({ filter: 'params.lr > 1' }),
    'the experiments': (workspace) => collect(workspace.experiments.list({ in: 'vision' })),
    'the history of a run': (workspace) => collect(workspace.runs.history(address)),
    'what a run logged': (workspace) => collect(workspace.runs.series(address)),
    'runs in progress': (workspace) => workspace.runs.changes({ in: 'vision' })
  }

  before(async () => {
    folder = makeTempFolder()
    const workspace = open(createNodeFileSystem())
    await workspace.projects.create({ name: 'Vision' })
    await workspace.experiments.create({ name: 'Train' })
    for (const lr of [1, 2, 3]) {
      address = (await workspace.runs.create({ in: 'train', params: { lr } })).address
    }
    await workspace.close()
  })

  after(() => removeTempFolder(folder))

  function open(files: FileSystem): Workspace {
    const host = { files, platform: createNodePlatform(), committer: async () => COMMITTER }
    return createWorkspace(new WorkspaceStore(host, folder), { project: 'vision' })
  }

  /** Asks with the n-th reading call failing; tells what failed, and whether the call came. */
  async function ask(
    question: (workspace: Workspace) => Promise<unknown>,
    at: number
  ): Promise<{ readonly error: unknown; readonly isMet: boolean }> {
    let calls = 0
    const files = createFaultyFileSystem(createNodeFileSystem())
    files.fault = (call) => {
      if (!READING.includes(call) || ++calls !== at) return undefined
      // As Node makes them.
      throw Object.assign(new TypeError(`EIO: i/o error, ${call}`), { code: 'EIO', errno: -5 })
    }
    const workspace = open(files)
    try {
      await question(workspace)
      return { error: undefined, isMet: calls >= at }
    } catch (error) {
      return { error, isMet: calls >= at }
    } finally {
      files.fault = () => undefined
      await workspace.close()
    }
  }

  for (const [what, question] of Object.entries(questions)) {
    it(`is told of with a code, whichever it is, to who asks for ${what}`, async () => {
      const codes = new Set<string>()
      for (let at = 1; ; at++) {
        const { error, isMet } = await ask(question, at)
        if (error !== undefined) {
          expect(
            isCoded(error),
            `call ${at}: ${error instanceof Error ? error.stack : error}`
          ).to.equal(true)
          codes.add((error as { readonly code: string }).code)
        }
        if (!isMet) break
      }
      expect([...codes]).to.include('STORE_FILES')
    })
  }
})
