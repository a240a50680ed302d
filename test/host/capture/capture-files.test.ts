import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { decodeUtf8 } from '../../../src/base/bytes.ts'
import { globExpression } from '../../../src/host/node/capture/glob.ts'
import { CodeFolder } from './code-folder.ts'

describe('capture of code without a repository', () => {
  let code: CodeFolder
  beforeEach(() => {
    code = CodeFolder.open()
  })
  afterEach(() => code.close())

  it('captures the entry file as the tree that git would make of it', async () => {
    code.write('sub/train.py', 'print("köln")', 0o755)
    const capture = await code.capture({ entry: 'sub/train.py' })
    const judge = code.at(join(code.home, 'judge')).write('train.py', 'print("köln")', 0o755)
    judge.git('init', '-q')
    expect(capture).to.deep.include({
      treeOid: judge.committedTree(),
      entryPath: 'train.py',
      commitHasTree: false,
      changedFiles: [{ path: 'train.py', status: 'added' }],
      warnings: []
    })
    expect(capture).not.to.have.property('repository')
    expect(decodeUtf8(capture?.patch ?? new Uint8Array())).to.equal(
      `${judge.git('diff-tree', '-p', '--full-index', '4b825dc642cb6eb9a060e54bf8d69288fbee4904', 'HEAD')}\n`
    )
  })

  it('captures included files with it, and its patch makes the tree', async () => {
    const odd = 'conf/na "m\te\n\\é .yaml'
    code
      .write('train.py', 'train\n')
      .write('conf/a.yaml', '')
      .write('conf/b.yaml', 'one\n\ntwo')
      .write('conf.d/c.yaml', 'c\r\n')
      .write(odd, 'odd\n')
      .write('conf/with space.yaml', 'space\n')
      .write('conf/skip.txt', 'skip\n')
      .write('.env', 'TOKEN=geheim\n')
    symlinkSync('b.yaml', join(code.path, 'conf/link.yaml'))
    const include = ['conf*/*.yaml', '.env', 'train.py']
    const capture = await code.capture({ entry: 'train.py', include })
    if (!capture) throw new Error('Nothing was captured.')
    expect(capture.leftOut).to.deep.equal(['.env'])
    expect(decodeUtf8(capture.patch ?? new Uint8Array())).not.to.include('geheim')
    const judge = code.at(code.path)
    judge.git('init', '-q')
    judge.remove('conf/skip.txt')
    expect(capture.treeOid).to.equal(judge.committedTree())
    judge.remove('.env')
    expect(code.applied(capture)).to.equal(judge.committedTree())
  })

  it('names a binary entry in the tree and leaves it out of the patch, with a warning', async () => {
    code.write('train', new Uint8Array([127, 69, 0, 1]), 0o755)
    const capture = await code.capture({ entry: './train' })
    expect(capture).not.to.have.property('patch')
    expect(capture?.warnings.map((warning) => warning.code)).to.deep.equal(['CAPTURE_PATCH_FAILED'])
  })

  it('needs no git program, and says so only where there is a repository', async () => {
    code.write('train.py', 'train\n')
    const expected = await code.capture({ entry: 'train.py' })
    mkdirSync(join(code.home, 'no programs'))
    const env = { ...code.env, PATH: join(code.home, 'no programs') }
    expect(await code.capture({ entry: 'train.py', env })).to.deep.equal(expected)
    code.git('init', '-q')
    const capture = await code.capture({ entry: 'train.py', env })
    expect(capture?.treeOid).to.equal(expected?.treeOid)
    expect(capture?.warnings.map((warning) => warning.code)).to.deep.equal(['CAPTURE_GIT_MISSING'])
  })

  it('captures nothing where there is neither a repository nor an entry file', async () => {
    expect(await code.capture()).to.equal(undefined)
    expect(await code.capture({ entry: 'python3' })).to.equal(undefined)
    expect(await code.capture({ folder: join(code.home, 'absent') })).to.equal(undefined)
  })

  it('matches glob patterns as git does', () => {
    const cases: [pattern: string, path: string, matches: boolean][] = [
      ['*.py', 'a.py', true],
      ['*.py', 'a/b.py', false],
      ['**/*.py', 'b.py', true],
      ['**/*.py', 'a/b/c.py', true],
      ['a/**/z', 'a/z', true],
      ['a/**', 'a/b/c', true],
      ['a/**', 'ab/c', false],
      ['data', 'data/x/y', true],
      ['data/', 'data/z', true],
      ['da*', 'data/z', false],
      ['?.t[xy]t', 'a.tyt', true],
      ['[!a].txt', 'a.txt', false],
      ['[a-c].txt', 'b.txt', true],
      ['a+(b).txt', 'a+(b).txt', true]
    ]
    for (const [pattern, path, matches] of cases) {
      expect(globExpression(pattern).test(path), `${pattern} ${path}`).to.equal(matches)
      code.write(path, 'x')
    }
    code.git('init', '-q')
    code.git('add', '-A')
    for (const [pattern, path, matches] of cases) {
      const listed = code.git('ls-files', '--', `:(glob)${pattern}`).split('\n')
      expect(listed.includes(path), `git: ${pattern} ${path}`).to.equal(matches)
    }
  })
})
