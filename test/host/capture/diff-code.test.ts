import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CodeCapture, CodeDiff, CodeVersion } from '../../../src/base/capture.ts'
import { diffCode } from '../../../src/host/node/capture/diff-code.ts'
import { CodeFolder, fingerprintWithoutObjectTimes } from './code-folder.ts'

function versionOf({ treeOid, patch, baseCommitOid }: CodeCapture): CodeVersion {
  if (patch === undefined) return { treeOid, patches: [] }
  return { treeOid, patches: [{ bytes: patch, ...(baseCommitOid && { baseCommitOid }) }] }
}

describe('diffCode', () => {
  let code: CodeFolder
  beforeEach(() => {
    code = CodeFolder.open()
  })
  afterEach(() => code.close())

  const captured = async (): Promise<CodeVersion> =>
    versionOf((await code.capture()) as CodeCapture)
  const diff = (before: CodeVersion, after: CodeVersion): Promise<CodeDiff | undefined> =>
    diffCode({ folder: code.path, env: code.env, before, after })
  const textOf = (found: CodeDiff | undefined): string =>
    new TextDecoder().decode((found as CodeDiff).patch)

  it('compares what was never committed with what was, and changes nothing', async () => {
    code.init().write('train.py', 'print("changed")\n').write('köln.py', 'x = 1\n')
    code.git('add', '-N', 'köln.py')
    const before = await captured()
    code.commit().write('lib/model.py', 'class Model: x = 1\n')
    const after = await captured()
    const gitFolder = join(code.path, '.git')
    const files = fingerprintWithoutObjectTimes(gitFolder)
    const found = await diff(before, after)
    expect(fingerprintWithoutObjectTimes(gitFolder)).to.deep.equal(files)
    expect(found?.isWhole).to.equal(true)
    expect(textOf(found)).to.contain('-class Model: pass\n+class Model: x = 1\n')
    expect(textOf(found)).not.to.contain('train.py')
  })

  it('compares code of no commit at all, and files that were renamed', async () => {
    code.git('init', '-q')
    code.write('a.py', 'one\ntwo\nthree\n')
    code.git('add', '-A')
    const before = await captured()
    code.git('mv', 'a.py', 'b.py')
    const found = await diff(before, await captured())
    expect(textOf(found)).to.contain('rename from a.py\nrename to b.py\n')
  })

  it('runs nothing that the repository or its owner sets up', async () => {
    code.init()
    const before = await captured()
    code.write('train.py', 'print("other")\n')
    const after = await captured()
    const mark = join(code.home, 'mark')
    const script = join(code.home, 'script')
    code.write('../script', `#!/bin/sh\ntouch ${mark}\ncat "$1" 2>/dev/null\n`, 0o755)
    for (const key of ['diff.external', 'diff.x.command', 'diff.x.textconv', 'core.fsmonitor']) {
      code.git('config', key, script)
      code.git('config', '--global', key, script)
    }
    for (const key of ['filter.x.clean', 'filter.x.smudge']) code.git('config', key, script)
    code.write('.gitattributes', '* diff=x filter=x\n').write('.git/info/attributes', '* diff=x\n')
    for (const hook of ['post-index-change', 'post-checkout', 'reference-transaction']) {
      code.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch ${mark}\n`, 0o755)
    }
    expect(textOf(await diff(before, after))).to.contain('+print("other")')
    expect(existsSync(mark)).to.equal(false)
  })

  it('says when files are missing whose names look like secrets', async () => {
    code.init().write('.env', 'A=1\n').commit()
    const before = await captured()
    code.write('.env', 'A=2\n').write('train.py', 'print(2)\n')
    const found = await diff(before, await captured())
    expect(found?.isWhole).to.equal(false)
    expect(textOf(found)).to.contain('+print(2)').and.not.to.contain('A=2')
  })

  it('gives nothing where a version is not there, a patch is broken, or the diff is too long', async () => {
    code.init()
    const before = await captured()
    const other = { treeOid: 'a'.repeat(40), patches: [] }
    const broken = { baseCommitOid: code.git('rev-parse', 'HEAD'), bytes: new Uint8Array(10) }
    expect(await diff(before, other)).to.equal(undefined)
    expect(await diff(before, { ...other, patches: [broken] })).to.equal(undefined)
    const option = { baseCommitOid: '--output=x', bytes: new Uint8Array(0) }
    expect(await diff(before, { treeOid: '--output=x', patches: [option] })).to.equal(undefined)
    expect(await diffCode({ folder: code.home, env: code.env, before, after: before })).to.equal(
      undefined
    )
    code.write('train.py', 'x\n'.repeat(1000))
    const after = await captured()
    const bounded = { folder: code.path, env: code.env, before, after, maxBytes: 100 }
    expect(await diffCode(bounded)).to.equal(undefined)
    const signal = AbortSignal.abort(new TypeError('stop'))
    const stopped = await diffCode({ ...bounded, signal }).catch((error: unknown) => error)
    expect(stopped).to.be.instanceOf(TypeError)
  })

  it('does not follow a patch out of the tree', async () => {
    code.init()
    const before = await captured()
    const bytes = new TextEncoder().encode(
      'diff --git a/../out b/../out\nnew file mode 100644\n--- /dev/null\n+++ b/../out\n@@ -0,0 +1 @@\n+x\n'
    )
    const patches = [{ baseCommitOid: code.git('rev-parse', 'HEAD'), bytes }]
    expect(await diff(before, { treeOid: 'b'.repeat(40), patches })).to.equal(undefined)
    expect(existsSync(join(code.home, 'out'))).to.equal(false)
  })
})
