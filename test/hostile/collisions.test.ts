import { readdirSync } from 'node:fs'
import { expect } from 'chai'

import { decodeUtf8, encodeUtf8, formatHex } from '../../src/base/bytes.ts'
import type { Platform } from '../../src/base/platform.ts'
import { createObject } from '../../src/git/objects.ts'
import { receivePack } from '../../src/git/pack-receive.ts'
import { openRepository } from '../../src/git/repository.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { fetchRefs } from '../../src/remote/fetch.ts'
import { openRemote } from '../../src/remote/open-remote.ts'
import { BLOB, formatCrafted, formatEntry, formatHistory } from '../support/crafted-packs.ts'
import { serveCrafted } from '../support/crafted-remote.ts'
import { codeOf, contextOf, failureOf, listRefs, makeRemoteHost } from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const GOOD = encodeUtf8('the good contract\n')
const EVIL = encodeUtf8('the evil contract\n')

/** A platform on which somebody found two texts of one SHA-1. */
function weakPlatform(): Platform {
  const platform = createNodePlatform()
  const { sha1, sha1Hex } = platform.hash
  const weak = (bytes: Uint8Array): Uint8Array =>
    decodeUtf8(bytes) === decodeUtf8(EVIL) ? GOOD : bytes
  return {
    ...platform,
    hash: {
      ...platform.hash,
      sha1: (...parts) => sha1(...parts.map(weak)),
      sha1Hex: (...parts) => sha1Hex(...parts.map(weak))
    }
  }
}

describe('two contents of one SHA-1', () => {
  let local: TestRepository
  const platform = weakPlatform()
  const { oid } = createObject(platform.hash, 'blob', GOOD)
  const of = (content: Uint8Array): Buffer => formatEntry({ kind: BLOB, content })
  beforeEach(async () => {
    local = await makeRepository(platform)
  })
  afterEach(() => local.close())

  async function receive(...entries: readonly Buffer[]): Promise<void> {
    const { fs, path, repository } = local
    const context = { fs, platform, path: `${path}/objects`, objects: repository.local }
    const pack = async function* (): AsyncGenerator<Uint8Array> {
      yield formatCrafted(entries)
    }
    const received = await receivePack(context, pack())
    await (await received.accept()).release()
  }

  const listFiles = (): readonly string[] => readdirSync(`${local.path}/objects/pack`).sort()

  it('have one name here, and another with a SHA-1 that is sound', () => {
    expect(createObject(platform.hash, 'blob', EVIL).oid).to.equal(oid)
    expect(createObject(createNodePlatform().hash, 'blob', EVIL).oid).not.to.equal(oid)
  })

  for (const [name, count] of [
    ['loose', 1],
    ['in a pack', 2]
  ] as const) {
    it(`do not take each other's place where one lies ${name}`, async () => {
      const others = Array.from({ length: count - 1 }, (_, number) =>
        createObject(platform.hash, 'blob', encodeUtf8(`${number}`))
      )
      const good = createObject(platform.hash, 'blob', GOOD)
      await (await local.repository.objects.write([good, ...others])).release()
      const before = listFiles()
      expect(before).to.have.length(count === 1 ? 0 : 2)
      expect(await codeOf(receive(of(EVIL)))).to.equal('GIT_OBJECT_COLLISION')
      expect(listFiles()).to.deep.equal(before)
      const kept = await (await local.reopen()).objects.read(oid)
      expect(kept?.bytes).to.deep.equal(GOOD)
      await receive(of(GOOD))
      expect(listFiles()).to.have.length(before.length + 2)
    })
  }

  it('are looked for without a list of all loose objects where few come', async () => {
    const lists: string[] = []
    const list = (path: string) => {
      lists.push(path)
      return local.fs.list(path)
    }
    const fs = { ...local.fs, list }
    const opened = await openRepository(fs, local.path, platform)
    const good = createObject(platform.hash, 'blob', GOOD)
    await (await opened.objects.write([good])).release()
    lists.length = 0
    expect(await opened.local.listHeld([oid])).to.deep.equal([oid])
    expect(lists.filter((path) => !path.endsWith('/pack'))).to.deep.equal([])
  })

  it('are not taken together', async () => {
    expect(await codeOf(receive(of(GOOD), of(EVIL)))).to.equal('GIT_OBJECT_COLLISION')
    expect(listFiles()).to.deep.equal([])
  })

  it('that come over HTTP are the fault of the remote, and no ref moves', async () => {
    await (
      await local.repository.objects.write([createObject(platform.hash, 'blob', GOOD)])
    ).release()
    const { entries, head } = formatHistory([{ name: 'contract', oid }])
    const pack = [formatCrafted([...entries, of(EVIL)])]
    const server = await serveCrafted({ refs: { 'refs/heads/main': head }, pack })
    const remote = await openRemote(makeRemoteHost(), local.repository.objects, server.url)
    try {
      const error = await failureOf(fetchRefs(contextOf(local), remote, { map: (ref) => ref }))
      expect(error).to.have.property('code', 'REMOTE_PACK_DAMAGED')
      expect(String(error)).to.contain(oid).and.contain('other bytes')
    } finally {
      await remote.close()
      await server.close()
    }
    expect(listRefs(local.path)).to.deep.equal({})
  })

  it('do not keep a sound object from mending a damaged one', async () => {
    const { fs, path } = local
    const damaged = `${path}/objects/${oid.slice(0, 2)}`
    await fs.makeFolder(damaged)
    await fs.create(`${damaged}/${oid.slice(2)}`, encodeUtf8('noise'))
    expect(await codeOf(local.repository.objects.read(oid))).to.equal('GIT_OBJECT_DAMAGED')
    await receive(of(GOOD))
    const found = await (await local.reopen()).objects.read(oid)
    expect(formatHex(found?.bytes ?? EVIL)).to.equal(formatHex(GOOD))
  })
})
