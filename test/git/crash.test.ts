import { expect } from 'chai'

import { decodeUtf8 } from '../../src/base/bytes.ts'
import type { FileSystem, Platform } from '../../src/base/platform.ts'
import { EMPTY_TREE, type Oid } from '../../src/git/objects.ts'
import type { RefEdit } from '../../src/git/ref-store.ts'
import { initRepository, openRepository, type Repository } from '../../src/git/repository.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createCrashingFileSystem } from '../support/crashing-file-system.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'
import { fsck, git, withTempFolder } from '../support/git.ts'
import { makeHistory } from '../support/history.ts'

/** The process that crashes, and those that come after it and know that it is dead. */
const CRASHES = { self: { pid: 66 }, seed: 5 }
const SURVIVES = { self: { pid: 1 }, seed: 6, deadPids: new Set([66]) }

/** By the stepping clock: a few tries. */
const BOUNDS = { lock: { timeoutMs: 60 }, queue: { timeoutMs: 60 } }

type Body = (repository: Repository, platform: Platform) => Promise<void>

/** Runs a body over and over, with a crash at each of its changes, until it gets through. */
async function crashEverywhere(
  prepare: Body,
  body: Body,
  check: (repository: Repository, path: string, outcome: 'crashed' | 'done') => Promise<void>
): Promise<number> {
  for (let crashAt = 1; ; crashAt++) {
    const isDone = await withTempFolder(async (folder) => {
      const path = `${folder}/r.git`
      const fs = createNodeFileSystem()
      await initRepository(fs, path)
      const survivor = createFixedPlatform(SURVIVES)
      await prepare(await openRepository(fs, path, survivor), survivor)
      const crashing = createCrashingFileSystem(fs, crashAt)
      const outcome = await runCrashing(crashing, path, body)
      expect(fsck(path), `fsck after a crash at ${crashAt}`).to.equal('')
      await check(await openRepository(fs, path, survivor, BOUNDS), path, outcome)
      return outcome === 'done'
    })
    if (isDone) return crashAt
  }
}

async function runCrashing(fs: FileSystem, path: string, body: Body): Promise<'crashed' | 'done'> {
  const platform = createFixedPlatform(CRASHES)
  try {
    await body(await openRepository(fs, path, platform), platform)
    return 'done'
  } catch (error) {
    expect(error).to.include({ code: 'ECRASH' })
    return 'crashed'
  }
}

const commit = (
  repository: Repository,
  platform: Platform,
  name: string
): Promise<readonly Oid[]> =>
  makeHistory(repository, platform, [
    { parents: [], epochSeconds: 1_700_000_000, files: { [`${name}/file`]: name } }
  ])

describe('a crash at any change', () => {
  const ref = 'refs/heads/deep/main'

  it('leaves the old state or the new one, and the next process goes on', async () => {
    let oldOid: Oid = EMPTY_TREE
    const seen = new Set<string>()
    const crashes = await crashEverywhere(
      async (repository, platform) => {
        oldOid = (await commit(repository, platform, 'old'))[0] as Oid
        await repository.refs.update([{ ref, expected: null, value: oldOid }])
      },
      async (repository, platform) => {
        await repository.refs.queue(ref, async () => {
          const value = (await commit(repository, platform, 'new'))[0] as Oid
          await repository.refs.update([{ ref, expected: oldOid, value }])
        })
      },
      async (repository, path, outcome) => {
        const found = (await repository.refs.read(ref)) as Oid
        const content = git(path, ['log', '-1', '--format=', '--name-only', found]).trim()
        seen.add(`${outcome} ${content}`)
        expect(['old/file', 'new/file']).to.include(content)
        const [next] = await repository.refs.queue(ref, () =>
          commit(repository, createFixedPlatform({ ...SURVIVES, seed: 7 }), 'next')
        )
        const edit: RefEdit = { ref, expected: found, value: next as Oid }
        expect(await repository.refs.update([edit])).to.deep.equal({ status: 'updated' })
        expect(git(path, ['rev-parse', ref]).trim()).to.equal(next)
        expect(fsck(path)).to.equal('')
      }
    )
    expect(crashes).to.be.above(15)
    expect([...seen].sort()).to.deep.equal([
      'crashed new/file',
      'crashed old/file',
      'done new/file'
    ])
  })

  it('leaves a deleted ref there or gone, never at an older value', async () => {
    let oids: readonly Oid[] = []
    const seen = new Set<unknown>()
    await crashEverywhere(
      async (repository, platform) => {
        const first = await commit(repository, platform, 'first')
        const second = await commit(repository, platform, 'second')
        oids = [...first, ...second]
        await repository.refs.update([{ ref, value: oids[0] as Oid }])
        await repository.refs.update([{ ref: 'refs/heads/other', value: oids[0] as Oid }])
        git(`${repository.path}`, ['pack-refs', '--all', '--prune'])
        await repository.refs.update([{ ref, value: oids[1] as Oid }])
      },
      async ({ refs }) => {
        await refs.update([{ ref, expected: oids[1] as Oid, value: null }])
      },
      async ({ refs }, path) => {
        const found = await refs.read(ref)
        seen.add(found)
        expect([undefined, oids[1]]).to.include(found)
        expect(await refs.read('refs/heads/other')).to.equal(oids[0])
        await refs.update([{ ref, value: null }])
        expect(git(path, ['for-each-ref', '--format=%(refname)']).trim()).to.equal(
          'refs/heads/other'
        )
      }
    )
    expect(seen.size).to.equal(2)
  })

  it('while a repository is made leaves none, or one that can be made', async () => {
    for (let crashAt = 1, isDone = false; !isDone; crashAt++) {
      isDone = await withTempFolder(async (folder) => {
        const path = `${folder}/r.git`
        const fs = createNodeFileSystem()
        const crashing = createCrashingFileSystem(fs, crashAt)
        const outcome = await initRepository(crashing, path).then(
          () => 'done',
          (error) => error.code
        )
        await initRepository(fs, path)
        expect(decodeUtf8((await fs.read(`${path}/HEAD`)) as Uint8Array)).to.equal(
          'ref: refs/heads/main\n'
        )
        expect(fsck(path)).to.equal('')
        return outcome === 'done'
      })
    }
  })
})
