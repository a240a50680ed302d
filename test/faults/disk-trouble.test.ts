import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { isCoded } from '../../src/base/errors.ts'
import type { Clock } from '../../src/base/platform.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { openWorkspace } from '../../src/node.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { createFaultyFileSystem } from '../support/faulty-file-system.ts'
import { fsck, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { needsProgram, skipBecause } from '../support/programs.ts'
import { COMMITTER, collect, failure, fillWorkspace, openInFolder } from '../support/workspaces.ts'

const SCRIPT = fileURLToPath(new URL('../support/few-files.ts', import.meta.url))

/** Returns text that does not compress well. */
function noise(length: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString('base64')
}

describe('a disk', () => {
  let folder: string
  let isMounted = false
  beforeEach(() => {
    folder = makeTempFolder()
  })
  afterEach(() => {
    if (isMounted) spawnSync('umount', [folder])
    isMounted = false
    removeTempFolder(folder)
  })

  const mount = (context: Mocha.Context, options: string): void => {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
    if (status !== 0) skipBecause(context, 'file systems can’t be mounted here')
    isMounted = true
  }

  const open = async (): Promise<Workspace> => {
    const workspace = await openWorkspace({ folder: `${folder}/home`, project: 'vision' })
    if (!(await workspace.projects.exists('vision'))) {
      await workspace.projects.create({ name: 'Vision' })
      await workspace.experiments.create({ name: 'Train' })
    }
    return workspace
  }

  const namesOf = async (workspace: Workspace): Promise<readonly unknown[]> =>
    (await collect(workspace.runs.list({ in: 'train' }))).map(({ fields }) => fields.name)

  it('that is full is told of, keeps what it has, and takes more once there is room', async function () {
    mount(this, 'size=2m')
    const workspace = await open()
    const put = (name: string): Promise<unknown> =>
      workspace.runs.create({ in: 'train', name, notes: noise(20_000) })
    writeFileSync(`${folder}/ballast`, new Uint8Array(600_000))
    const acknowledged: string[] = []
    const codes = new Set<unknown>()
    let refused = 0
    for (let index = 0; refused < 20; index++) {
      try {
        await put(`${index}`)
        acknowledged.push(`${index}`)
      } catch (error) {
        refused += 1
        codes.add(isCoded(error) ? error.code : error)
        expect(String((error as Error).message)).to.include('ENOSPC')
      }
    }
    expect([...codes]).to.deep.equal(['STORE_FILES'])
    expect(await namesOf(workspace)).to.have.members(acknowledged)
    rmSync(`${folder}/ballast`)
    await put('later')
    await workspace.close()
    const again = await open()
    expect(await namesOf(again)).to.have.members([...acknowledged, 'later'])
    expect((await again.verify()).problems).to.deep.equal([])
    await again.close()
    expect(fsck(`${folder}/home/vision.git`)).to.equal('')
  })

  it('that may only be read gives all there is, and refuses the rest', async function () {
    mount(this, 'size=8m')
    const workspace = await open()
    await workspace.runs.create({ in: 'train', name: 'one' })
    await workspace.close()
    expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).to.equal(0)
    const reader = await open()
    expect(await namesOf(reader)).to.deep.equal(['one'])
    const error = await failure(reader.runs.create({ in: 'train', name: 'two' }))
    expect(error).to.include({ code: 'STORE_FILES' })
    expect(error.message).to.include('EROFS')
    await reader.close()
    expect(spawnSync('mount', ['-o', 'remount,rw', folder]).status).to.equal(0)
    const writer = await open()
    await writer.runs.create({ in: 'train', name: 'three' })
    expect(await namesOf(writer)).to.have.members(['one', 'three'])
    await writer.close()
  })

  it('on which few files may be open at a time is enough', async function () {
    needsProgram(this, 'prlimit')
    const workspace = await open()
    for (let index = 0; index < 60; index++) {
      await workspace.runs.create({ in: 'train', name: `${index}` })
    }
    await workspace.close()
    const args = ['--import', 'tsx', SCRIPT, `${folder}/home`, '40']
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      env: gitEnvironment(),
      encoding: 'utf8'
    })
    expect({ stdout, stderr }).to.deep.equal({ stdout: '160', stderr: '' })
  })

  it('from which a project was removed under an open workspace is told of', async () => {
    const workspace = await open()
    await workspace.runs.create({ in: 'train', name: 'one' })
    rmSync(`${folder}/home`, { recursive: true })
    const error = await failure(workspace.runs.create({ in: 'train', name: 'two' }))
    expect(isCoded(error), String(error)).to.equal(true)
    await workspace.close()
    mkdirSync(folder, { recursive: true })
    const again = await open()
    await again.runs.create({ in: 'train', name: 'three' })
    expect(await namesOf(again)).to.deep.equal(['three'])
    await again.close()
  })
})

describe('a change of the file system', () => {
  const calls = ['create', 'rename', 'link', 'syncFolder'] as const
  for (const code of ['ENOSPC', 'EDQUOT', 'ESTALE', 'EINTR', 'EMFILE', 'EACCES']) {
    it(`that fails once with ${code} ends a put with a code, and the next put succeeds`, async () => {
      const folder = makeTempFolder()
      const files = createFaultyFileSystem(createNodeFileSystem())
      const host = { files, platform: createNodePlatform(), committer: async () => COMMITTER }
      const workspace = createWorkspace(new WorkspaceStore(host, folder), { project: 'vision' })
      try {
        await workspace.projects.create({ name: 'Vision' })
        await workspace.experiments.create({ name: 'Train' })
        const names: string[] = []
        let refused = 0
        for (const call of calls) {
          let isMet = false
          files.fault = (each) => {
            if (isMet || each !== call) return undefined
            isMet = true
            // As Node makes them.
            throw Object.assign(new TypeError(`${code}: ${call}`), { code, errno: -1 })
          }
          const put = workspace.runs.create({ in: 'train', name: call })
          const error = await put.then(
            () => undefined,
            (reason: unknown) => reason
          )
          if (error === undefined) names.push(call)
          else {
            refused += 1
            expect(error, call).to.include({ code: 'STORE_FILES' })
            expect(String(error), call).to.include(code)
          }
          files.fault = () => undefined
          await workspace.runs.create({ in: 'train', name: `after ${call}` })
          names.push(`after ${call}`)
        }
        expect(refused).to.be.greaterThan(1)
        const runs = await collect(workspace.runs.list({ in: 'train' }))
        expect(runs.map(({ fields }) => fields.name)).to.include.members(names)
        expect((await workspace.verify()).problems).to.deep.equal([])
        expect(fsck(`${folder}/vision.git`)).to.equal('')
      } finally {
        await workspace.close()
        removeTempFolder(folder)
      }
    })
  }
})

describe('a clock', () => {
  it('that jumps by years, back and forth, breaks nothing and orders edits as they were made', async () => {
    let nowMs = Date.UTC(2026, 5, 1)
    const clock: Clock = { now: () => nowMs++ }
    const opened = openInFolder({ ...createNodePlatform(), clock })
    await fillWorkspace(opened)
    const { workspace } = opened
    const years = [-20, 30, -5, 0.5, -40, 60]
    for (const [index, jump] of years.entries()) {
      nowMs += jump * 365 * 86_400_000
      await workspace.runs.create({ in: 'vision/train', name: `run ${index}` })
      await workspace.runs.update('k3f9', { notes: `edit ${index}`, tags: [`t${index}`] })
      const run = await workspace.runs.get('k3f9')
      expect(run?.fields).to.deep.include({ notes: `edit ${index}`, tags: [`t${index}`] })
    }
    expect(await collect(workspace.runs.list({ in: 'vision/train' }))).to.have.length(7)
    expect(await collect(workspace.runs.history('k3f9'))).to.have.length(7)
    expect((await workspace.verify()).problems).to.deep.equal([])
    await opened.close()
  })
})
