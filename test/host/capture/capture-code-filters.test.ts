import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { decodeUtf8 } from '../../../src/base/bytes.ts'
import { needsProgram } from '../../support/programs.ts'
import { CodeFolder } from './code-folder.ts'

describe('capture of code behind filters', () => {
  let code: CodeFolder
  beforeEach(() => {
    code = CodeFolder.open()
  })
  afterEach(() => code.close())

  it('counts changed Git LFS files as the pointers that git-lfs would commit', async function () {
    needsProgram(this, 'git-lfs')
    code.git('init', '-q')
    code.git('lfs', 'install', '--skip-repo')
    code.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n')
    code.write('a.bin', 'a'.repeat(5_000)).write('b.bin', 'b').write('c.bin', 'c').commit()
    expect((await code.captureUnchanged()).commitHasTree).to.equal(true)
    utimesSync(join(code.path, 'b.bin'), 1, 1)
    expect((await code.captureUnchanged()).commitHasTree).to.equal(true)
    code.write('a.bin', 'A'.repeat(6_000)).write('c.bin', '').write('run.sh', '#!/bin/sh\n', 0o755)
    code.write('new.bin', 'new', 0o755)
    const capture = await code.captureUnchanged({ entry: 'run.sh', include: ['new.bin'] })
    expect(decodeUtf8(capture.patch ?? new Uint8Array())).to.include('+size 6000')
    expect(code.applied(capture)).to.equal(capture.treeOid)
    expect(capture.treeOid).to.equal(code.committedTree())
    expect(capture.warnings).to.deep.equal([])
  })

  it('gives the same tree where git-lfs is not set up, with content and with pointers', async () => {
    code.git('init', '-q')
    code.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n')
    const content = 'the content\n'
    const pointer =
      'version https://git-lfs.github.com/spec/v1\n' +
      'oid sha256:53d0f4b9bdcba9b2b0b1e6b4dafdb1ef85aa9db65e6e7df05a7c3e5fcf4aae0d\nsize 4\n'
    code.write('a.bin', pointer).commit()
    const first = await code.captureUnchanged()
    expect(first.commitHasTree).to.equal(true)
    code.write('a.bin', content)
    const withContent = await code.captureUnchanged()
    const digest = createHash('sha256').update(content).digest('hex')
    code.write(
      'a.bin',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize ${content.length}\n`
    )
    const withPointer = await code.captureUnchanged()
    expect(withContent.treeOid).to.equal(withPointer.treeOid).and.not.equal(first.treeOid)
  })

  it('needs no git-lfs where it is required', async () => {
    code.git('init', '-q')
    code.git('config', 'filter.lfs.clean', 'there-is-no-such-program')
    code.git('config', 'filter.lfs.process', 'there-is-no-such-program')
    code.write('a.bin', 'a').commit()
    code.git('config', 'filter.lfs.required', 'true')
    code.write('.gitattributes', '*.bin filter=lfs -text\n').write('a.bin', 'changed')
    const capture = await code.captureUnchanged({ entry: '.gitattributes' })
    expect(capture.warnings).to.deep.equal([])
    expect(decodeUtf8(capture.patch ?? new Uint8Array())).to.include('+oid sha256:')
  })

  it('applies line endings and other filters as a commit does', async () => {
    code.init()
    code.git('config', 'filter.upper.clean', "tr 'a-z' 'A-Z'")
    code.git('config', 'filter.upper.required', 'true')
    code.git('config', 'core.autocrlf', 'input')
    code.git('config', 'core.safecrlf', 'true')
    code.write('.gitattributes', '*.up filter=upper\n').write('a.up', 'first\n').commit()
    code.write('a.up', 'second\n').write('train.py', 'one\r\ntwo\r\n')
    const capture = await code.captureUnchanged()
    expect(decodeUtf8(capture.patch ?? new Uint8Array()))
      .to.include('+SECOND')
      .and.not.include('\r')
    code.git('config', 'core.safecrlf', 'false')
    expect(capture.treeOid).to.equal(code.committedTree())
  })

  it('captures without filters if a required one fails, with a warning', async () => {
    code.init().write('.gitattributes', '*.enc filter=enc\n').write('a.enc', 'a\n').commit()
    code.git('config', 'filter.enc.clean', 'there-is-no-such-program')
    code.git('config', 'filter.enc.required', 'true')
    code.write('a.enc', 'bb\n').write('train.py', 'changed\n').remove('lib/model.py')
    const capture = await code.captureUnchanged()
    expect(capture.warnings.map((warning) => warning.code)).to.deep.equal(['CAPTURE_FILTER_FAILED'])
    expect(capture.changedFiles.map((file) => file.path)).to.deep.equal([
      'a.enc',
      'lib/model.py',
      'train.py'
    ])
    expect(code.applied(capture)).to.equal(capture.treeOid)
  })

  it('does not wait for a filter that hangs, and ends it', async () => {
    code.init().write('.gitattributes', '*.slow filter=slow\n').write('a.slow', 'a\n').commit()
    const filter = `echo $$ > "${code.home}/pid"; exec sleep 600`
    code.git('config', 'filter.slow.clean', filter)
    code.write('a.slow', 'changed\n')
    const controller = new AbortController()
    const reason = new Error('enough')
    const outcome = code.capture({ signal: controller.signal }).catch((error) => error)
    while (!/\n/.test(readPid(code))) await new Promise(setImmediate)
    controller.abort(reason)
    expect(await outcome).to.equal(reason)
    const pid = Number(readPid(code))
    expect(await isGone(pid)).to.equal(true)
  })
})

function readPid(code: CodeFolder): string {
  const file = join(code.home, 'pid')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Waits for the end of a process; a zombie has ended. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 1_000; tries++) {
    const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
      .stdout.toString()
      .trim()
    if (state === '' || state.startsWith('Z')) return true
  }
  return false
}
