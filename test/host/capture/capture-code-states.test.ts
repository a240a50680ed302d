import { chmodSync, existsSync, lchownSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { decodeUtf8 } from '../../../src/base/bytes.ts'
import { skipBecause } from '../../support/programs.ts'
import { CodeFolder, fingerprint, fingerprintWithoutObjectTimes } from './code-folder.ts'

describe('capture of code in repositories of every state', () => {
  let code: CodeFolder
  beforeEach(() => {
    code = CodeFolder.open()
  })
  afterEach(() => code.close())

  it('captures a repository without commits with everything in the patch', async () => {
    code.git('init', '-q')
    code.write('train.py', 'print()\n').write('lib.py', 'lib\n').write('other.txt', 'untracked\n')
    code.git('add', 'lib.py')
    code.write('lib.py', 'lib on disk\n')
    const capture = await code.captureUnchanged({ entry: 'train.py' })
    expect(capture.baseCommitOid).to.equal(undefined)
    expect(capture.commitHasTree).to.equal(false)
    expect(capture.repository?.branch).to.equal('main')
    expect(capture.changedFiles.map((file) => file.path)).to.deep.equal(['lib.py', 'train.py'])
    expect(code.applied(capture)).to.equal(capture.treeOid)
  })

  it('captures a repository without commits and files as the empty tree', async () => {
    code.git('init', '-q')
    const capture = await code.captureUnchanged()
    expect(capture.treeOid).to.equal('4b825dc642cb6eb9a060e54bf8d69288fbee4904')
    expect(capture.patch).to.equal(undefined)
  })

  it('captures the entry file in a repository to which nothing was added yet', async () => {
    code.git('init', '-q')
    code.write('train.py', 'print()\n')
    const capture = await code.captureUnchanged({ entry: 'train.py' })
    expect(capture.changedFiles).to.deep.equal([{ path: 'train.py', status: 'added' }])
    expect(code.applied(capture)).to.equal(capture.treeOid)
    expect(capture.warnings).to.deep.equal([])
  })

  it('captures a detached head', async () => {
    code.init().git('checkout', '-q', '--detach')
    const capture = await code.captureUnchanged()
    expect(capture.repository).not.to.have.property('branch')
    expect(capture.commitHasTree).to.equal(true)
  })

  it('captures a shallow clone', async () => {
    code.init().write('train.py', 'second\n').commit()
    code.git('clone', '-q', '--depth=1', `file://${code.path}`, join(code.home, 'shallow'))
    const clone = code.at(join(code.home, 'shallow')).write('train.py', 'third\n')
    const capture = await clone.captureUnchanged()
    expect(capture.repository?.shallow).to.equal(true)
    expect(capture.repository?.name).to.equal('vision')
    expect(code.applied(capture)).to.equal(capture.treeOid)
    expect(capture.treeOid).to.equal(clone.committedTree())
  })

  it('downloads nothing for a partial clone, and says when a patch cannot be had', async () => {
    code
      .init()
      .write('train.py', 'second\n')
      .commit()
      .git('config', 'uploadpack.allowFilter', 'true')
    code.git('clone', '-q', '--filter=blob:none', `file://${code.path}`, join(code.home, 'partial'))
    const clone = code.at(join(code.home, 'partial')).write('train.py', 'third\n')
    const mark = join(code.home, 'asked')
    clone.git('config', 'remote.origin.uploadpack', `touch '${mark}'; git-upload-pack`)
    const capture = await clone.captureUnchanged()
    expect(capture.warnings).to.deep.equal([])
    expect(code.applied(capture)).to.equal(capture.treeOid)
    clone.git('reset', '-q', '--soft', 'HEAD~')
    const withoutBase = await clone.captureUnchanged()
    expect(withoutBase.treeOid).to.equal(capture.treeOid)
    expect(withoutBase.changedFiles).to.deep.equal([{ path: 'train.py', status: 'modified' }])
    expect(withoutBase).not.to.have.property('patch')
    expect(existsSync(mark)).to.equal(false)
    expect(withoutBase.warnings.map((warning) => warning.code)).to.deep.equal([
      'CAPTURE_PATCH_FAILED'
    ])
  })

  it('captures a clone that borrows its objects from another', async () => {
    code.init().git('clone', '-q', '--shared', code.path, join(code.home, 'borrower'))
    const clone = code.at(join(code.home, 'borrower'))
    clone.write('.git/objects/info/alternates', '../../../vision/.git/objects\n')
    clone.write('train.py', 'third\n')
    const capture = await clone.captureUnchanged()
    expect(code.applied(capture)).to.equal(capture.treeOid)
    expect(capture.treeOid).to.equal(clone.committedTree())
  })

  it('captures a file whose name is no UTF-8', async function () {
    if (process.platform !== 'linux') skipBecause(this, 'this file system demands UTF-8')
    code.init()
    const path = Buffer.concat([
      Buffer.from(`${code.path}/k`),
      Buffer.from([0xf6]),
      Buffer.from('ln')
    ])
    writeFileSync(path, 'one\n')
    code.commit()
    writeFileSync(path, 'two\n')
    const capture = await code.captureUnchanged()
    expect(code.applied(capture)).to.equal(capture.treeOid)
    expect(capture.treeOid).to.equal(code.committedTree())
  })

  it('captures a linked work tree, which bears the name of the main one', async () => {
    code.init().git('worktree', 'add', '-q', '-b', 'idea', join(code.home, 'vision-idea'))
    const linked = code.at(join(code.home, 'vision-idea')).write('train.py', 'idea\n')
    const capture = await linked.captureUnchanged()
    expect(capture.repository).to.include({ name: 'vision', branch: 'idea', topLevel: linked.path })
    expect(capture.treeOid).to.equal(linked.committedTree())
  })

  it('captures work trees of a bare repository', async () => {
    code.init().git('clone', '-q', '--bare', code.path, join(code.home, 'store.git'))
    const bare = code.at(join(code.home, 'store.git'))
    bare.git('remote', 'remove', 'origin')
    bare.git('worktree', 'add', '-q', join(code.home, 'side'), 'main')
    const side = code.at(join(code.home, 'side')).write('train.py', 'side\n')
    const capture = await side.captureUnchanged()
    expect(capture.repository?.name).to.equal('store')
    expect(capture.treeOid).to.equal(side.committedTree())
  })

  it('captures the whole repository from a subdirectory', async () => {
    code.init().write('packages/a/main.py', 'a\n').commit().write('lib/model.py', 'changed\n')
    const folder = join(code.path, 'packages/a')
    const capture = await code.captureUnchanged({ folder, entry: 'main.py', include: ['lib/**'] })
    expect(capture.entryPath).to.equal('packages/a/main.py')
    expect(capture.repository?.prefix).to.equal('packages/a/')
    expect(capture.changedFiles).to.deep.equal([{ path: 'lib/model.py', status: 'modified' }])
    expect(code.applied(capture)).to.equal(capture.treeOid)
  })

  it("captures the entry's repository from a folder elsewhere", async () => {
    code.init()
    const folder = join(code.home, 'data')
    code.at(folder).write('x.csv', 'x\n')
    const capture = await code.captureUnchanged({ folder, entry: join(code.path, 'train.py') })
    expect(capture.entryPath).to.equal('train.py')
    expect(capture.repository).to.include({ topLevel: code.path, prefix: '' })
  })

  it("captures the folder's repository if the entry has none, without the entry", async () => {
    code.init().at(code.home).write('tool.py', 'tool\n')
    const capture = await code.captureUnchanged({ entry: join(code.home, 'tool.py') })
    expect(capture.commitHasTree).to.equal(true)
    expect(capture).not.to.have.property('entryPath')
  })

  it('names submodules with their commits and tells which have changes of their own', async () => {
    const library = code.at(join(code.home, 'library'))
    library.write('a.py', 'a\n').git('init', '-q')
    library.commit()
    code.init()
    for (const path of ['clean', 'dirty one', 'moved']) {
      code.git('submodule', '--quiet', 'add', library.path, path)
    }
    code.commit()
    library.write('a.py', 'b\n').commit()
    code.at(join(code.path, 'moved')).git('pull', '-q')
    code.write('dirty one/a.py', 'changed\n').write('clean/untracked.txt', 'x\n')
    const capture = await code.captureUnchanged()
    const first = library.git('rev-parse', 'HEAD~')
    expect(capture.repository?.submodules).to.deep.equal([
      { path: 'clean', commitOid: first, changed: false },
      { path: 'dirty one', commitOid: first, changed: true },
      { path: 'moved', commitOid: library.git('rev-parse', 'HEAD'), changed: false }
    ])
    expect(capture.warnings.map((warning) => warning.code)).to.deep.equal([
      'CAPTURE_SUBMODULE_CHANGED'
    ])
    expect(capture.changedFiles).to.deep.equal([{ path: 'moved', status: 'modified' }])
    expect(decodeUtf8(capture.patch ?? new Uint8Array())).to.include('+Subproject commit')
    expect(capture.treeOid).to.equal(code.committedTree())
  })

  it('captures a submodule that is not checked out as its commit', async () => {
    const library = code.at(join(code.home, 'library'))
    library.write('a.py', 'a\n').git('init', '-q')
    library.commit()
    code.init().git('submodule', '--quiet', 'add', library.path, 'library')
    code.commit().git('clone', '-q', code.path, join(code.home, 'clone'))
    const clone = code.at(join(code.home, 'clone'))
    const capture = await clone.captureUnchanged()
    expect(capture.commitHasTree).to.equal(true)
    expect(capture.repository?.submodules).to.deep.equal([
      { path: 'library', commitOid: library.git('rev-parse', 'HEAD'), changed: false }
    ])
  })

  for (const sparseIndex of [false, true]) {
    it(`captures a sparse checkout as the whole tree${sparseIndex ? ' with a sparse index' : ''}`, async () => {
      code.init()
      const args = ['--cone', ...(sparseIndex ? ['--sparse-index'] : [])]
      code.git('sparse-checkout', 'init', ...args)
      code.git('sparse-checkout', 'set', 'lib')
      expect(readdirSync(code.path)).not.to.include('data')
      // Git itself renews the times of trees when it reads a sparse index as a whole one.
      const describeFolder = sparseIndex ? fingerprintWithoutObjectTimes : fingerprint
      expect((await code.captureUnchanged({}, describeFolder)).commitHasTree).to.equal(true)
      code.write('data/köln 1.csv', 'present though not asked for\n').write('lib/model.py', 'x\n')
      const capture = await code.captureUnchanged({}, describeFolder)
      expect(capture.changedFiles.map((file) => file.path)).to.deep.equal([
        'data/köln 1.csv',
        'lib/model.py'
      ])
      expect(code.applied(capture)).to.equal(capture.treeOid)
    })
  }

  it('captures unmerged files as they lie on disk', async () => {
    code.init().git('checkout', '-q', '-b', 'theirs')
    code.write('train.py', 'theirs\n').remove('lib/model.py').commit()
    code.git('checkout', '-q', 'main')
    code.write('train.py', 'ours\n').write('lib/model.py', 'ours\n').commit()
    expect(() => code.git('merge', '-q', 'theirs')).to.throw()
    const capture = await code.captureUnchanged()
    expect(decodeUtf8(capture.patch ?? new Uint8Array())).to.include('+<<<<<<< HEAD')
    expect(code.applied(capture)).to.equal(capture.treeOid)
    code.git('add', '-u')
    expect(capture.treeOid).to.equal(code.git('write-tree'))
  })

  it('captures with a split index, without touching its shared part', async () => {
    code.init().git('update-index', '--split-index')
    const shared = readdirSync(join(code.path, '.git')).filter((name) =>
      name.startsWith('sharedindex')
    )
    expect(shared).to.have.length(1)
    utimesSync(join(code.path, '.git', shared[0] as string), 1_000_000_000, 1_000_000_000)
    code.write('train.py', 'changed\n')
    const capture = await code.captureUnchanged()
    expect(capture.treeOid).to.equal(code.committedTree())
  })

  it('captures a file that is only meant to be added', async () => {
    code.init().write('soon.py', 'soon\n').git('add', '-N', 'soon.py')
    const capture = await code.captureUnchanged()
    expect(capture.changedFiles).to.deep.equal([{ path: 'soon.py', status: 'added' }])
    expect(capture.treeOid).to.equal(code.committedTree())
  })

  it('captures a repository whose object names are SHA-256', async () => {
    code.git('init', '-q', '--object-format=sha256')
    code.write('a.py', 'a\n').commit().write('a.py', 'b\n')
    const capture = await code.captureUnchanged()
    expect(capture.patch).not.to.equal(undefined)
    expect(capture.treeOid)
      .to.match(/^[0-9a-f]{64}$/)
      .and.equal(code.committedTree())
  })

  it('says that a repository which git refuses was not read, and captures the entry', async () => {
    code.init().write('.git/config', 'no configuration [')
    const capture = await code.capture({ entry: 'train.py' })
    expect(capture?.warnings.map((warning) => warning.code)).to.deep.equal(['CAPTURE_GIT_REFUSED'])
    expect(capture?.changedFiles).to.deep.equal([{ path: 'train.py', status: 'added' }])
  })

  it('says that a repository of another owner was not read', async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'only root can give a folder away')
    code.init()
    for (const path of [code.path, join(code.path, '.git')]) lchownSync(path, 12345, 12345)
    const capture = await code.capture({ entry: 'train.py' })
    expect(capture?.warnings[0]?.code).to.equal('CAPTURE_GIT_REFUSED')
    expect(capture?.warnings[0]?.message).to.include('dubious ownership')
  })

  it('captures a file that may not be read as it is in the index', async function () {
    if (process.getuid?.() === 0) skipBecause(this, 'root may read everything')
    code.init().write('train.py', 'changed\n').write('lib/model.py', 'changed\n')
    chmodSync(join(code.path, 'train.py'), 0)
    const capture = await code.captureUnchanged()
    expect(capture.warnings.map((warning) => warning.code)).to.deep.equal([
      'CAPTURE_FILE_UNREADABLE'
    ])
    expect(capture.changedFiles).to.deep.equal([{ path: 'lib/model.py', status: 'modified' }])
  })
})
