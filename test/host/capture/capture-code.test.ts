import { readdirSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { decodeUtf8 } from '../../../src/base/bytes.ts'
import { CodeFolder } from './code-folder.ts'

describe('capture of code in a repository', () => {
  let code: CodeFolder
  beforeEach(() => {
    code = CodeFolder.open()
  })
  afterEach(() => code.close())

  it('captures an unchanged repository as the tree of its commit, without a patch', async () => {
    code.init()
    const capture = await code.captureUnchanged({ entry: 'train.py' })
    expect(capture).to.deep.equal({
      treeOid: code.git('rev-parse', 'HEAD^{tree}'),
      repository: {
        name: 'vision',
        topLevel: code.path,
        prefix: '',
        branch: 'main',
        shallow: false,
        remotes: {},
        submodules: []
      },
      baseCommitOid: code.git('rev-parse', 'HEAD'),
      commitHasTree: true,
      entryPath: 'train.py',
      changedFiles: [],
      leftOut: [],
      warnings: []
    })
  })

  it('gives the same tree before a commit, after it, after an amendment and in a clone', async () => {
    code.init().write('train.py', 'print("more")\n').write('new.py', 'print("new")\n')
    const before = await code.captureUnchanged({ entry: 'new.py' })
    code.git('add', 'new.py')
    const staged = await code.captureUnchanged({ entry: 'new.py' })
    code.commit()
    const after = await code.captureUnchanged({ entry: 'new.py' })
    code.commit('--amend', '--reset-author')
    const amended = await code.captureUnchanged({ entry: 'new.py' })
    code.git('clone', '-q', code.path, join(code.home, 'elsewhere'))
    const clone = code.at(join(code.home, 'elsewhere'))
    const cloned = await clone.captureUnchanged({ entry: 'new.py' })
    const trees = [before, staged, after, amended, cloned].map((capture) => capture.treeOid)
    expect(trees).to.deep.equal(Array(5).fill(code.git('rev-parse', 'HEAD^{tree}')))
    expect([before, staged, after, amended].map((capture) => capture.commitHasTree)).to.deep.equal([
      false,
      false,
      true,
      true
    ])
  })

  it('captures every kind of change as a commit would, and the patch leads there', async () => {
    code
      .init()
      .write('old name.py', 'moved\n')
      .write('tool.sh', 'echo\n')
      .write('link', 'a file\n')
      .write('folder/inside.txt', 'inside\n')
      .write('beyond/a.txt', 'a\n')
      .write('weights.bin', new Uint8Array([0, 1, 2, 255]))
      .write('empty', '')
      .write('name\nwith "feeds"\t\\.txt', 'odd\n')
      .commit()
    code
      .write('train.py', 'no newline at the end')
      .write('tool.sh', 'echo\n', 0o755)
      .write('weights.bin', new Uint8Array([0, 9, 9, 255, 254]))
      .write('name\nwith "feeds"\t\\.txt', 'odder\n')
      .remove('lib/model.py')
      .remove('link')
      .remove('folder')
      .write('folder', 'now a file\n')
      .write('new name.py', 'moved\n')
      .remove('old name.py')
      .remove('beyond')
      .write('empty', 'not empty\n')
    symlinkSync('train.py', join(code.path, 'link'))
    symlinkSync('data', join(code.path, 'beyond'))
    const include = ['folder', 'new name.py', 'beyond']
    const capture = await code.captureUnchanged({ include })
    expect(capture.changedFiles).to.deep.equal([
      { path: 'beyond', status: 'added' },
      { path: 'beyond/a.txt', status: 'deleted' },
      { path: 'empty', status: 'modified' },
      { path: 'folder', status: 'added' },
      { path: 'folder/inside.txt', status: 'deleted' },
      { path: 'lib/model.py', status: 'deleted' },
      { path: 'link', status: 'type-changed' },
      { path: 'name\nwith "feeds"\t\\.txt', status: 'modified' },
      { path: 'new name.py', status: 'added' },
      { path: 'old name.py', status: 'deleted' },
      { path: 'tool.sh', status: 'modified' },
      { path: 'train.py', status: 'modified' },
      { path: 'weights.bin', status: 'modified' }
    ])
    expect(code.applied(capture)).to.equal(capture.treeOid)
    expect(capture.treeOid).to.equal(code.committedTree())
    expect(capture.warnings).to.deep.equal([])
  })

  it('sees a change of equal size in the instant in which the index was written', async () => {
    code.init().git('config', 'core.trustctime', 'false')
    const setTime = (path: string): void => utimesSync(join(code.path, path), 1e9, 1e9)
    setTime('train.py')
    code.commit('--allow-empty').write('train.py', 'print("brain")\n')
    setTime('train.py')
    setTime('.git/index')
    const capture = await code.captureUnchanged()
    expect(capture.changedFiles).to.deep.equal([{ path: 'train.py', status: 'modified' }])
  })

  it('takes a file whose time alone changed for unchanged', async () => {
    code.init()
    utimesSync(join(code.path, 'train.py'), 1, 1)
    const capture = await code.captureUnchanged()
    expect(capture.commitHasTree).to.equal(true)
  })

  it('adds the entry and the included files alone of those that are untracked', async () => {
    code
      .init()
      .write('.gitignore', 'out/\n*.yaml\n')
      .commit()
      .write('scratch/entry file.py', 'entry\n')
      .write('config/a.yaml', 'a\n')
      .write('config/deep/b.yaml', 'b\n')
      .write('config/c.txt', 'c\n')
      .write('out/result.txt', 'out\n')
      .write('notes.txt', 'private\n')
    const include = ['./config/**/*.yaml', 'train.py']
    const capture = await code.captureUnchanged({ entry: 'scratch/entry file.py', include })
    expect(capture.changedFiles.map((file) => file.path)).to.deep.equal([
      'config/a.yaml',
      'config/deep/b.yaml',
      'scratch/entry file.py'
    ])
    expect(capture.entryPath).to.equal('scratch/entry file.py')
    expect(code.applied(capture)).to.equal(capture.treeOid)
  })

  it('keeps files with names of secrets out of the patch, says so, and names them in the tree', async () => {
    const secrets = [
      '.env',
      '.env.local',
      'app/.ENV',
      'keys/id_rsa',
      'server.PEM',
      'tls.key',
      '.netrc'
    ]
    code.init()
    for (const path of secrets.slice(2)) code.write(path, 'first\n')
    code
      .commit()
      .write('train.py', 'changed\n')
      .write('idea.txt', 'x')
      .write('.envs/plain', 'plain\n')
    for (const path of secrets) code.write(path, 'geheim\n')
    const include = [...secrets.slice(0, 2), '.envs/plain']
    const capture = await code.captureUnchanged({ include })
    const patch = decodeUtf8(capture.patch ?? new Uint8Array())
    expect([...capture.leftOut].sort()).to.deep.equal([...secrets].sort())
    expect(patch).to.include('+changed').and.to.include('+plain').and.not.include('geheim')
    for (const path of secrets) expect(patch).not.to.include(`b/${path}\n`)
    code.remove('idea.txt')
    expect(capture.treeOid).to.equal(code.committedTree())
  })

  it('leaves out a patch that is too large, with a warning', async () => {
    code.init().write('train.py', 'x\n'.repeat(10_000))
    const capture = await code.captureUnchanged({ maxPatchBytes: 5_000 })
    expect(capture.patch).to.equal(undefined)
    expect(capture.warnings.map((warning) => warning.code)).to.deep.equal([
      'CAPTURE_PATCH_TOO_LARGE'
    ])
    expect(capture.treeOid).to.equal(code.committedTree())
  })

  it('makes the same patch whatever the user has set', async () => {
    code.init().write('lib/model.py', 'a\n\nb\nc\n').commit().write('lib/model.py', 'a\n\nB\nc\n')
    const plain = await code.captureUnchanged()
    const settings = {
      'diff.noprefix': 'true',
      'diff.mnemonicPrefix': 'true',
      'diff.external': 'false',
      'diff.context': '0',
      'diff.algorithm': 'patience',
      'diff.suppressBlankEmpty': 'true',
      'diff.python.textconv': 'false',
      'diff.python.xfuncname': 'a',
      'color.ui': 'always',
      'core.abbrev': '5',
      'core.compression': '9'
    }
    for (const [name, value] of Object.entries(settings)) code.git('config', name, value)
    code.write('.git/info/attributes', '*.py diff=python\n')
    const env = { ...code.env, GIT_EXTERNAL_DIFF: 'false', GIT_DIFF_OPTS: '-u0' }
    const other = await code.captureUnchanged({ env })
    expect(decodeUtf8(other.patch ?? new Uint8Array())).to.equal(
      decodeUtf8(plain.patch ?? new Uint8Array())
    )
    expect(code.applied(plain)).to.equal(plain.treeOid)
  })

  it('runs none of the hooks and watchers of the repository', async () => {
    code.init()
    const mark = `#!/bin/sh\ntouch "${code.home}/ran"\n`
    for (const hook of ['post-index-change', 'fsmonitor-watchman', 'reference-transaction']) {
      code.write(`.git/hooks/${hook}`, mark, 0o755)
    }
    code.git('config', 'core.fsmonitor', '.git/hooks/fsmonitor-watchman')
    code.write('train.py', 'changed\n')
    await code.captureUnchanged()
    expect(readdirSync(code.home)).not.to.include('ran')
  })

  it('finds the repository by itself where a hook hands down its own', async () => {
    code.init().write('train.py', 'changed\n')
    const expected = await code.captureUnchanged()
    const other = code.at(join(code.home, 'other'))
    other.write('x', 'x')
    other.git('init', '-q')
    const env = {
      ...code.env,
      GIT_DIR: join(other.path, '.git'),
      GIT_WORK_TREE: other.path,
      GIT_INDEX_FILE: join(other.path, '.git/index'),
      GIT_OBJECT_DIRECTORY: join(other.path, '.git/objects'),
      GIT_PREFIX: 'lib/',
      GIT_LITERAL_PATHSPECS: '1'
    }
    expect(await code.captureUnchanged({ env })).to.deep.equal(expected)
  })

  it('names remotes without credentials, and the repository after origin', async () => {
    code.init()
    code.git('remote', 'add', 'origin', 'https://ada:hunter2@example.org/team/Night-Vision.git/')
    code.git('remote', 'add', 'backup', 'ssh://git:pw@example.org:22/x.git')
    code.git('remote', 'add', 'short', 'git@example.org:team/x.git')
    const { repository } = await code.captureUnchanged()
    expect(repository?.name).to.equal('Night-Vision')
    expect(repository?.remotes).to.deep.equal({
      origin: 'https://example.org/team/Night-Vision.git/',
      backup: 'ssh://git@example.org:22/x.git',
      short: 'git@example.org:team/x.git'
    })
  })

  it('rejects with the reason of an aborted signal', async () => {
    code.init()
    const controller = new AbortController()
    const capture = code.capture({ signal: controller.signal })
    const reason = new Error('enough')
    setImmediate(() => controller.abort(reason))
    const outcome = await capture.then(
      () => 'captured',
      (error) => error
    )
    expect(outcome).to.equal(reason)
  })

  it('captures the entry alone when time is up', async () => {
    code.init()
    const capture = await code.capture({ entry: 'train.py', timeoutMs: 1 })
    expect(capture?.warnings.map((warning) => warning.code)).to.deep.equal(['CAPTURE_TIMED_OUT'])
    expect(capture?.repository).to.equal(undefined)
    expect(capture?.changedFiles).to.deep.equal([{ path: 'train.py', status: 'added' }])
  })
})
