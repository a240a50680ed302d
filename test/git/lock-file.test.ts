import { expect } from 'chai'

import { decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import type { FileSystem, Platform } from '../../src/base/platform.ts'
import { takeLock } from '../../src/git/lock-file.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'

const PLACE = { path: '/main', ref: 'refs/heads/main', marks: '/marks' }

describe('lock file', () => {
  let fs: FileSystem
  beforeEach(() => {
    fs = createMemoryFileSystem()
  })

  const platformOf = (pid: number, deadPids?: ReadonlySet<number>): Platform =>
    createFixedPlatform({ self: { pid }, seed: pid, ...(deadPids ? { deadPids } : {}) })
  const names = async (folder: string): Promise<readonly string[]> =>
    ((await fs.list(folder)) ?? []).filter((e) => e.kind === 'file').map((e) => e.name)
  const codeOf = (outcome: Promise<unknown>): Promise<unknown> =>
    outcome.then(
      () => 'taken',
      (error) => error.code
    )
  const later = (): Platform => platformOf(2, new Set([66]))

  it('puts what was written in place, or nothing', async () => {
    const lock = await takeLock(fs, platformOf(1), PLACE)
    await lock.write(encodeUtf8('new'))
    expect(await fs.read('/main')).to.equal(undefined)
    await lock.commit()
    await lock.release()
    expect(decodeUtf8((await fs.read('/main')) as Uint8Array)).to.equal('new')
    const other = await takeLock(fs, platformOf(1), PLACE)
    await other.write(encodeUtf8('other'))
    await other.release()
    expect(decodeUtf8((await fs.read('/main')) as Uint8Array)).to.equal('new')
    expect(await names('/')).to.deep.equal(['main'])
    expect(await names('/marks')).to.deep.equal([])
  })

  it('takes a lock that a dead process left, empty or written', async () => {
    for (const content of ['', 'half']) {
      const left = await takeLock(fs, platformOf(66), PLACE)
      if (content !== '') await left.write(encodeUtf8(content))
      const lock = await takeLock(fs, later(), PLACE, { timeoutMs: 60 })
      expect(await names('/')).to.deep.equal(['main.lock'])
      await lock.release()
      expect(await names('/')).to.deep.equal([])
      expect(await names('/marks')).to.deep.equal([])
    }
  })

  it('leaves the lock of a process that lives, of one that cannot be seen, and of git', async () => {
    const impatient = { timeoutMs: 30 }
    const living = await takeLock(fs, platformOf(5), PLACE)
    expect(await codeOf(takeLock(fs, later(), PLACE, impatient))).to.equal('GIT_REF_LOCKED')
    await living.release()
    const away = createFixedPlatform({ self: { host: 'elsewhere', pid: 66 }, seed: 9 })
    const unseen = await takeLock(fs, away, PLACE)
    expect(await codeOf(takeLock(fs, later(), PLACE, impatient))).to.equal('GIT_REF_LOCKED')
    await unseen.release()
    // A mark that a dead process left says nothing of a lock that is another file.
    await takeLock(fs, platformOf(66), { ...PLACE, path: '/other' })
    await fs.create('/main.lock', new Uint8Array())
    expect(await codeOf(takeLock(fs, later(), PLACE, impatient))).to.equal('GIT_REF_LOCKED')
    expect(await names('/')).to.deep.equal(['other.lock', 'main.lock'].sort())
  })

  it('works where files can have no second name', async () => {
    const unlinkable: FileSystem = {
      ...fs,
      link: () => Promise.reject(Object.assign(new TypeError('no links'), { code: 'EPERM' }))
    }
    const lock = await takeLock(unlinkable, platformOf(1), PLACE)
    expect(await codeOf(takeLock(unlinkable, later(), PLACE, { timeoutMs: 20 }))).to.equal(
      'GIT_REF_LOCKED'
    )
    await lock.write(encodeUtf8('new'))
    await lock.commit()
    expect(decodeUtf8((await fs.read('/main')) as Uint8Array)).to.equal('new')
  })
})
