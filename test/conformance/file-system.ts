import { expect } from 'chai'

import { decodeUtf8, encodeUtf8, equalBytes } from '../../src/base/bytes.ts'
import type { FileSystem } from '../../src/base/platform.ts'

/** A file system to be tested, and the folder in which the test may work. */
export interface OpenFileSystem {
  readonly fs: FileSystem
  readonly root: string
  /** Sets the time of a file back to 2001. */
  age(path: string): void
  close(): Promise<void>
}

/** Tests what every FileSystem promises. */
export function testFileSystem(name: string, open: () => Promise<OpenFileSystem>): void {
  describe(`file system: ${name}`, () => {
    let subject: OpenFileSystem
    let fs: FileSystem
    let at: (path: string) => string

    beforeEach(async () => {
      subject = await open()
      fs = subject.fs
      at = (path) => `${subject.root}/${path}`
    })
    afterEach(() => subject.close())

    const text = async (path: string): Promise<string | undefined> => {
      const bytes = await fs.read(at(path))
      return bytes === undefined ? undefined : decodeUtf8(bytes)
    }

    it('answers undefined or false for what is absent', async () => {
      expect(await fs.read(at('a'))).to.equal(undefined)
      expect(await fs.readRange(at('a'), 0, 1)).to.equal(undefined)
      expect(await fs.list(at('a'))).to.equal(undefined)
      expect(await fs.stat(at('a/b'))).to.equal(undefined)
      expect(await fs.rename(at('a'), at('b'))).to.equal(false)
      expect(await fs.remove(at('a'))).to.equal(false)
      expect(await fs.removeFolder(at('a'))).to.equal(false)
      expect(await fs.removeFolder(at('a'), { recursive: true })).to.equal(false)
      expect(await fs.touch(at('a'))).to.equal(false)
    })

    it('counts a path through a file as absent', async () => {
      await fs.write(at('a'), encodeUtf8('x'))
      expect(await fs.read(at('a/b'))).to.equal(undefined)
      expect(await fs.list(at('a'))).to.equal(undefined)
    })

    it('writes, reads and replaces', async () => {
      await fs.write(at('a'), encodeUtf8('longer'))
      await fs.write(at('a'), encodeUtf8('new'), { sync: true })
      expect(await text('a')).to.equal('new')
      await fs.write(at('empty'), new Uint8Array())
      expect(await text('empty')).to.equal('')
    })

    it('gives plain bytes that are the caller’s own', async () => {
      await fs.write(at('a'), encodeUtf8('abc'))
      const first = (await fs.read(at('a'))) as Uint8Array
      expect(first.constructor).to.equal(Uint8Array)
      first[0] = 0x78
      expect(await text('a')).to.equal('abc')
    })

    for (const [megabytes, way] of [
      [3, 'create'],
      [9, 'create'],
      [9, 'write']
    ] as const) {
      it(`reads ${megabytes} megabytes that were written by ${way}`, async () => {
        const bytes = new Uint8Array(megabytes << 20).map((_, index) => index % 251)
        await fs[way](at('large'), bytes, { sync: true })
        expect(equalBytes((await fs.read(at('large'))) as Uint8Array, bytes)).to.equal(true)
        const range = await fs.readRange(at('large'), 1 << 20, 2 << 20)
        expect(range).to.deep.equal(bytes.slice(1 << 20, 3 << 20))
        expect((await fs.stat(at('large')))?.sizeBytes).to.equal(bytes.length)
      })
    }

    it('reads a range, shorter at the end and empty after it', async () => {
      await fs.write(at('a'), encodeUtf8('0123456789'))
      const range = async (offset: number, length: number): Promise<string> =>
        decodeUtf8((await fs.readRange(at('a'), offset, length)) as Uint8Array)
      expect(await range(2, 3)).to.equal('234')
      expect(await range(8, 5)).to.equal('89')
      expect(await range(20, 5)).to.equal('')
    })

    it('makes a file only if there is none', async () => {
      expect(await fs.create(at('a'), encodeUtf8('1'), { mode: 0o444 })).to.equal(true)
      expect(await fs.create(at('a'), encodeUtf8('2'))).to.equal(false)
      expect(await text('a')).to.equal('1')
      expect((await fs.stat(at('a')))?.mode).to.equal(0o444)
    })

    it('fails with the code of the platform where a folder is missing or in the way', async () => {
      expect(await codeOf(fs.create(at('no/file'), encodeUtf8('')))).to.equal('ENOENT')
      await fs.makeFolder(at('folder'))
      expect(await codeOf(fs.read(at('folder')))).to.equal('EISDIR')
      expect(await codeOf(fs.write(at('folder'), encodeUtf8('')))).to.equal('EISDIR')
    })

    it('lists a folder with the kinds', async () => {
      await fs.makeFolder(at('a/b/c'))
      await fs.makeFolder(at('a/b/c'))
      await fs.write(at('a/file'), encodeUtf8(''))
      const found = [...((await fs.list(at('a'))) ?? [])].sort((x, y) => (x.name < y.name ? -1 : 1))
      expect(found).to.deep.equal([
        { name: 'b', kind: 'folder' },
        { name: 'file', kind: 'file' }
      ])
    })

    it('renames over another file', async () => {
      await fs.write(at('a'), encodeUtf8('new'))
      await fs.write(at('b'), encodeUtf8('old'))
      expect(await fs.rename(at('a'), at('b'))).to.equal(true)
      expect(await text('a')).to.equal(undefined)
      expect(await text('b')).to.equal('new')
    })

    it('links a second name to the same file, but not over another', async () => {
      await fs.write(at('a'), encodeUtf8('one'))
      expect(await fs.link(at('a'), at('b'))).to.equal(true)
      expect(await fs.link(at('a'), at('b'))).to.equal(false)
      expect((await fs.stat(at('a')))?.fileId).to.equal((await fs.stat(at('b')))?.fileId)
      await fs.remove(at('a'))
      expect(await text('b')).to.equal('one')
    })

    it('tells two files apart by their ids and keeps the id through a rename', async () => {
      await fs.write(at('a'), encodeUtf8(''))
      await fs.write(at('b'), encodeUtf8(''))
      const id = (await fs.stat(at('a')))?.fileId
      expect(id).to.not.equal((await fs.stat(at('b')))?.fileId)
      await fs.rename(at('a'), at('b'))
      expect((await fs.stat(at('b')))?.fileId).to.equal(id)
    })

    it('appends', async () => {
      for (const part of ['one', 'two']) {
        const file = await fs.openAppend(at('log'))
        file.append(encodeUtf8(part))
        expect(await text('log')).to.match(new RegExp(`${part}$`))
        file.append(encodeUtf8('.'))
        await file.sync()
        await file.close()
      }
      expect(await text('log')).to.equal('one.two.')
    })

    it('removes a folder only when it is empty, unless asked for all of it', async () => {
      await fs.makeFolder(at('a/b'))
      await fs.write(at('a/b/c'), encodeUtf8(''))
      expect(await fs.removeFolder(at('a'))).to.equal(false)
      expect(await fs.removeFolder(at('a'), { recursive: true })).to.equal(true)
      expect(await fs.stat(at('a'))).to.equal(undefined)
      await fs.makeFolder(at('d'))
      expect(await fs.removeFolder(at('d'))).to.equal(true)
    })

    it('touches a file and leaves its content, whether it may be written or not', async () => {
      for (const mode of [0o644, 0o444]) {
        const path = at(`mode-${mode}`)
        await fs.create(path, encodeUtf8('kept'), { mode })
        subject.age(path)
        expect((await fs.stat(path))?.modifiedMs).to.equal(Date.UTC(2001, 0, 1))
        expect(await fs.touch(path)).to.equal(true)
        expect((await fs.stat(path))?.modifiedMs).to.be.above(Date.UTC(2026, 0, 1))
        expect(decodeUtf8((await fs.read(path)) as Uint8Array)).to.equal('kept')
      }
    })

    it('sets the rights of files and folders', async () => {
      await fs.create(at('a'), encodeUtf8('kept'), { mode: 0o444 })
      await fs.makeFolder(at('folder'))
      expect(await fs.setMode(at('a'), 0o640)).to.equal(true)
      expect(await fs.setMode(at('folder'), 0o2770)).to.equal(true)
      expect((await fs.stat(at('a')))?.mode).to.equal(0o640)
      expect((await fs.stat(at('folder')))?.mode).to.equal(0o2770)
      expect(await fs.setMode(at('none'), 0o600)).to.equal(false)
    })

    it('flushes a folder', async () => {
      await fs.makeFolder(at('a'))
      await fs.syncFolder(at('a'))
      expect(await codeOf(fs.syncFolder(at('none')))).to.equal('ENOENT')
    })
  })
}

async function codeOf(outcome: Promise<unknown>): Promise<unknown> {
  return outcome.then(
    () => 'no error',
    (error: { code?: unknown }) => error.code
  )
}
