import { expect } from 'chai'

import { decodeUtf8 } from '../../src/base/bytes.ts'
import type { FileSystem } from '../../src/base/platform.ts'
import { OwnFile } from '../../src/git/own-file.ts'
import { createMemoryFileSystem, type MemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'

const FOLDER = '/locks'

describe('own file', () => {
  let fs: MemoryFileSystem
  beforeEach(async () => {
    fs = createMemoryFileSystem()
    await fs.makeFolder('/packs')
  })

  const text = async (path: string): Promise<string> =>
    decodeUtf8((await fs.read(path)) ?? new Uint8Array())
  const open = (on: FileSystem, clock = { now: () => 0 }): OwnFile =>
    new OwnFile(on, { ...createFixedPlatform(), clock }, FOLDER, 'me\n')

  it('lends its content to any number of names, and is made once', async () => {
    const own = open(fs)
    expect(await own.link('/packs/a')).to.equal(true)
    expect(await own.link('/packs/b')).to.equal(true)
    expect(await own.link('/packs/b')).to.equal(false)
    expect(await fs.list(FOLDER)).to.have.length(1)
    await own.remove()
    expect(await fs.list(FOLDER)).to.have.length(0)
    expect([await text('/packs/a'), await text('/packs/b')]).to.deep.equal(['me\n', 'me\n'])
  })

  it('is made again when somebody removed it', async () => {
    const own = open(fs)
    await own.link('/packs/a')
    for (const { name } of (await fs.list(FOLDER)) ?? []) await fs.remove(`${FOLDER}/${name}`)
    expect(await own.link('/packs/b')).to.equal(true)
    expect(await text('/packs/b')).to.equal('me\n')
  })

  it('is touched before it is lent after a pause, so that nobody takes its process for silent', async () => {
    let now = 0
    const touched: string[] = []
    const watched = { ...fs, touch: async (path: string) => touched.push(path) > 0 }
    const own = open(watched, { now: () => now })
    await own.link('/packs/a')
    now = 1000
    await own.link('/packs/b')
    expect(touched).to.have.length(0)
    now = 60_000
    await own.link('/packs/c')
    expect(touched).to.have.length(1)
  })

  it('is copied where there are no second names', async () => {
    const link = async (): Promise<never> => {
      throw Object.assign(new Error('no links'), { code: 'EXDEV' })
    }
    expect(await open({ ...fs, link }).link('/packs/a')).to.equal(true)
    expect(await text('/packs/a')).to.equal('me\n')
  })
})
