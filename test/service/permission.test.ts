import { execFileSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { gitEnvironment } from '../support/git.ts'
import { skipBecause } from '../support/programs.ts'
import {
  filesBelow,
  fillWorkspace,
  openInFolder,
  refsOf,
  type TestWorkspace
} from '../support/workspaces.ts'

interface Outcome {
  readonly done: boolean
  readonly isCoded?: boolean
  readonly code?: string
  readonly data?: { readonly folder?: string; readonly reason?: string }
}

const SCRIPT = fileURLToPath(new URL('../support/unprivileged.ts', import.meta.url))

function attempt(folder: string, action: string): Outcome {
  const args = ['--import', 'tsx', SCRIPT, folder, action]
  const output = execFileSync(process.execPath, args, {
    env: { ...gitEnvironment(), HOME: '/nonexistent' },
    encoding: 'utf8'
  })
  return JSON.parse(output) as Outcome
}

describe('without permission', () => {
  let opened: TestWorkspace
  const change = (mode: string): void =>
    void execFileSync('chmod', ['-R', mode, dirname(opened.folder)])
  before(function () {
    if (process.platform === 'win32') skipBecause(this, 'rights are other ones on Windows')
  })
  beforeEach(async () => {
    opened = openInFolder()
    await fillWorkspace(opened)
    change('a-w,a+rX')
  })
  afterEach(async () => {
    change('u+rwX')
    await opened.close()
  })

  it('to write, a project is read', () => {
    expect(attempt(opened.folder, 'read')).to.deep.equal({ done: true })
  })

  for (const action of ['create', 'update', 'delete', 'createProject', 'deleteProject']) {
    it(`to write, ${action} is a coded error that names the folder, and changes nothing`, async () => {
      const refs = await refsOf(opened)
      const files = await filesBelow(opened.files, opened.folder)
      const outcome = attempt(opened.folder, action)
      expect(outcome).to.deep.include({ done: false, isCoded: true })
      expect(outcome.code).to.be.oneOf(['STORE_FILES', 'STORE_WORKSPACE'])
      expect(outcome.data?.folder?.startsWith(opened.folder)).to.equal(true)
      expect(outcome.data?.reason).to.match(/EACCES|EPERM|EROFS/)
      expect(await refsOf(opened)).to.deep.equal(refs)
      expect(await filesBelow(opened.files, opened.folder)).to.deep.equal(files)
    })
  }

  it('to read, a project is a coded error that names it', () => {
    change('u+rwX,go-rwx')
    execFileSync('chmod', ['a+rX', dirname(opened.folder), opened.folder])
    if (process.getuid?.() !== 0) change('a-rwx')
    const outcome = attempt(opened.folder, 'read')
    expect(outcome).to.deep.include({ done: false, isCoded: true, code: 'STORE_FILES' })
    expect(outcome.data?.folder).to.include('vision.git')
  })
})
