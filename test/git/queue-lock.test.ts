import { execFileSync } from 'node:child_process'

import { expect } from 'chai'

import { decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import type { FileSystem, Platform, ProcessIdentity } from '../../src/base/platform.ts'
import { describeOwner, formatOwner, isOwnerDead } from '../../src/git/liveness.ts'
import { runQueued } from '../../src/git/queue-lock.ts'
import { createMemoryFileSystem, type MemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'
import { skipBecause } from '../support/programs.ts'

const FOLDER = '/locks'
const LOCK = `${FOLDER}/refs%2Fheads%2Fmain.lock`
const REF = 'refs/heads/main'

describe('queue lock', () => {
  let fs: MemoryFileSystem
  let platform: Platform
  beforeEach(async () => {
    fs = createMemoryFileSystem()
    platform = createFixedPlatform({ deadPids: new Set([66]) })
    await fs.makeFolder(FOLDER)
  })

  const owner = (given: Partial<ProcessIdentity>): ProcessIdentity => ({
    ...platform.processes.self,
    ...given
  })
  const holdBy = (given: Partial<ProcessIdentity>): Promise<boolean> =>
    fs.create(LOCK, encodeUtf8(formatOwner(owner(given))))
  const enter = (on: FileSystem = fs): Promise<string> =>
    runQueued(on, platform, FOLDER, REF, async () => 'in', { timeoutMs: 30 })
  const names = async (): Promise<readonly string[]> =>
    ((await fs.list(FOLDER)) ?? []).map((entry) => entry.name)

  it('names its holder while the body runs and leaves nothing behind', async () => {
    await runQueued(fs, platform, FOLDER, REF, async () => {
      const held = JSON.parse(decodeUtf8((await fs.read(LOCK)) as Uint8Array))
      expect(held).to.include({ host: 'memory', bootId: 'boot', pid: 1 })
      expect(await names()).to.deep.equal(['refs%2Fheads%2Fmain.lock'])
    })
    expect(await names()).to.deep.equal([])
  })

  it('waits for a holder that lives, then names it', async () => {
    await holdBy({ pid: 5 })
    const error = await enter().catch((thrown) => thrown)
    expect(error).to.include({ code: 'GIT_QUEUE_BUSY' })
    expect(error.message).to.contain('Process 5 on memory').and.to.contain(REF)
    expect(await names()).to.deep.equal(['refs%2Fheads%2Fmain.lock'])
  })

  it('takes the lock of a process that is gone', async () => {
    await holdBy({ pid: 66 })
    expect(await enter()).to.equal('in')
    expect(await names()).to.deep.equal([])
  })

  it('takes the lock of a process from before the machine started again', async () => {
    await holdBy({ pid: 5, bootId: 'earlier' })
    expect(await enter()).to.equal('in')
  })

  it('takes the lock of another host only after 15 minutes of silence', async () => {
    await holdBy({ host: 'elsewhere' })
    expect(await enter().catch((error) => error.code)).to.equal('GIT_QUEUE_BUSY')
    const silent = new Date(Date.now() - 14 * 60_000)
    fs.volume.utimesSync(LOCK, silent, silent)
    expect(await enter().catch((error) => error.code)).to.equal('GIT_QUEUE_BUSY')
    const dead = new Date(Date.now() - 16 * 60_000)
    fs.volume.utimesSync(LOCK, dead, dead)
    expect(await enter()).to.equal('in')
    expect(await names()).to.deep.equal([])
  })

  it('gives back a lock that changed hands while it was judged', async () => {
    await holdBy({ pid: 66 })
    const successor = formatOwner(owner({ pid: 7 }))
    let isSwapped = false
    const racing: FileSystem = {
      ...fs,
      async rename(from, to) {
        if (from === LOCK && !isSwapped) {
          isSwapped = true
          await fs.write(LOCK, encodeUtf8(successor))
        }
        return fs.rename(from, to)
      }
    }
    const error = await enter(racing).catch((thrown) => thrown)
    expect(error).to.include({ code: 'GIT_QUEUE_BUSY' })
    expect(isSwapped).to.equal(true)
    expect(decodeUtf8((await fs.read(LOCK)) as Uint8Array)).to.equal(successor)
    expect(await names()).to.deep.equal(['refs%2Fheads%2Fmain.lock'])
  })

  it('leaves a lock alone that somebody else took from it', async () => {
    const successor = formatOwner(owner({ pid: 7 }))
    await runQueued(fs, platform, FOLDER, REF, () => fs.write(LOCK, encodeUtf8(successor)))
    expect(decodeUtf8((await fs.read(LOCK)) as Uint8Array)).to.equal(successor)
  })

  it('touches the lock while the body runs', async () => {
    const beats: [number, () => void][] = []
    const timers: Platform['timers'] = {
      ...platform.timers,
      every: (ms, body) => {
        beats.push([ms, body])
        return () => void beats.pop()
      }
    }
    await runQueued(fs, { ...platform, timers }, FOLDER, REF, async () => {
      fs.volume.utimesSync(LOCK, new Date(0), new Date(0))
      const [ms, beat] = beats[0] as [number, () => void]
      expect(ms).to.equal(10_000)
      beat()
      expect((await fs.stat(LOCK))?.modifiedMs).to.be.above(0)
    })
    expect(beats).to.deep.equal([])
  })
})

describe('liveness of processes', () => {
  const { processes } = createNodePlatform()

  it('knows that this process lives, and one that ended does not', () => {
    expect(processes.isAlive(processes.self)).to.equal(true)
    const pid = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }))
    expect(processes.isAlive({ ...processes.self, pid })).to.equal(false)
  })

  it('tells a process from an earlier one of its pid', function () {
    if (processes.self.started === undefined) {
      skipBecause(this, 'this system does not tell when a process was started')
    }
    expect(processes.isAlive({ ...processes.self, started: '1' })).to.equal(false)
  })

  it('does not judge what runs where it cannot see it', () => {
    expect(processes.isAlive({ ...processes.self, host: 'elsewhere' })).to.equal(undefined)
    expect(processes.isAlive({ ...processes.self, pidNamespace: 'pid:[1]' })).to.equal(undefined)
  })

  it('takes a file that vanished for one whose owner lives', async () => {
    const platform = createFixedPlatform()
    const other = { ...platform.processes.self, host: 'elsewhere' }
    expect(await isOwnerDead(createMemoryFileSystem(), platform, '/none/lock', other)).to.equal(
      false
    )
    expect(describeOwner(other)).to.equal('Process 1 on elsewhere')
  })
})
