import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { formatLfsPointer, parseLfsPointer } from '../../src/artifacts/lfs-pointer.ts'
import {
  addLfsObject,
  lfsObjectPath,
  readChunks,
  writeContent
} from '../../src/artifacts/local-content.ts'
import { encodeUtf8 } from '../../src/base/bytes.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { nodeHash } from '../../src/host/node/platform.ts'
import { withTempFolder } from '../support/git.ts'
import { needsProgram } from '../support/programs.ts'

const POINTER = { sha256: 'ab'.repeat(32), sizeBytes: 12_345_678_901 }

describe('content beside the history', () => {
  it('is named by a pointer that can be read back', () => {
    expect(parseLfsPointer(formatLfsPointer(POINTER))).to.deep.equal(POINTER)
  })

  it('is not taken for a pointer if it only looks like one', () => {
    const text = new TextDecoder().decode(formatLfsPointer(POINTER))
    for (const other of [
      '',
      text.slice(1),
      text.replace('ab', 'zz'),
      `${text}more\n`,
      text.repeat(9)
    ]) {
      expect(parseLfsPointer(encodeUtf8(other)), other).to.equal(undefined)
    }
  })

  it('is named by the pointer that git-lfs makes', async function () {
    needsProgram(this, 'git-lfs')
    await withTempFolder(async (folder) => {
      const path = join(folder, 'data')
      writeFileSync(path, 'x'.repeat(5000))
      const files = createNodeFileSystem()
      const info = await writeContent(
        files,
        nodeHash,
        join(folder, 'copy'),
        readChunks(files, path)
      )
      const theirs = execFileSync('git-lfs', ['pointer', `--file=${path}`], {
        stdio: ['ignore', 'pipe', 'ignore']
      })
      expect(Buffer.from(formatLfsPointer(info)).toString()).to.equal(theirs.toString())
    })
  })

  it('is digested on its way and stays when what it was made of is removed', async () => {
    await withTempFolder(async (folder) => {
      const files = createNodeFileSystem()
      const chunks = Array.from({ length: 5 }, (_, i) => new Uint8Array(700_000).fill(i))
      const info = await writeContent(files, nodeHash, join(folder, 'staged'), chunks)
      expect(info.sizeBytes).to.equal(3_500_000)
      await addLfsObject(files, folder, `${folder}/staged`, info)
      await addLfsObject(files, folder, `${folder}/staged`, info)
      await files.remove(`${folder}/staged`)
      const path = lfsObjectPath(folder, info.sha256)
      expect(execFileSync('sha256sum', [path]).toString().slice(0, 64)).to.equal(info.sha256)
    })
  })

  it('is copied where files can have no second name', async () => {
    await withTempFolder(async (folder) => {
      const files = createNodeFileSystem()
      const info = await writeContent(files, nodeHash, `${folder}/staged`, [encodeUtf8('abc')])
      const link = async (): Promise<boolean> => {
        throw Object.assign(new Error('no links'), { code: 'EPERM' })
      }
      await addLfsObject({ ...files, link }, folder, `${folder}/staged`, info)
      const stored = await files.read(lfsObjectPath(folder, info.sha256))
      expect(new TextDecoder().decode(stored)).to.equal('abc')
    })
  })
})
