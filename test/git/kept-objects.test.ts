import { expect } from 'chai'
import { formatHex } from '../../src/base/bytes.ts'
import type { Platform } from '../../src/base/platform.ts'
import { encodeDelta, indexDeltaBase } from '../../src/git/delta-encode.ts'
import type { Oid } from '../../src/git/objects.ts'
import { receivePack } from '../../src/git/pack-receive.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import {
  BLOB,
  binaryName,
  formatCrafted,
  formatEntry,
  nameOf,
  REF
} from '../support/crafted-packs.ts'
import { makeMemoryRepository, type TestRepository } from '../support/repositories.ts'

/** A content that cannot be deflated to little. */
function noise(length: number, seed: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => Math.imul(at + seed, 2654435761) >>> 13)
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function deltaOf(base: Uint8Array, content: Uint8Array): Uint8Array {
  const delta = encodeDelta(indexDeltaBase(base), content, content.length)
  return formatEntry({
    kind: REF,
    base: binaryName('blob', base),
    content: delta as Uint8Array
  })
}

/** A platform whose timers wait until they are told. */
function withTimers(): { readonly platform: Platform; elapse(): void } {
  const due: (() => void)[] = []
  const platform = createNodePlatform()
  const every = (_: number, body: () => void): (() => void) => {
    due.push(body)
    return () => undefined
  }
  const elapse = (): void => {
    for (const body of due.splice(0)) body()
  }
  return { platform: { ...platform, timers: { ...platform.timers, every } }, elapse }
}

function receive(
  { fs, platform, path, repository }: TestRepository,
  pack: Uint8Array,
  keptBytes = 1 << 22
) {
  const context = { fs, platform, path: `${path}/objects`, objects: repository.objects }
  const chunks = (async function* () {
    yield pack
  })()
  return receivePack(context, chunks, { keptBytes })
}

describe('objects of a pack that was just received', () => {
  it('are read from memory for a while, each with bytes of its own, then from the file', async () => {
    const { platform, elapse } = withTimers()
    const target = await makeMemoryRepository(platform)
    const base = noise(3000, 1)
    const contents = [base, join(base, noise(10, 2)), noise(500, 3)]
    const pack = formatCrafted([
      formatEntry({ kind: BLOB, content: base }),
      deltaOf(base, contents[1] as Uint8Array),
      formatEntry({ kind: BLOB, content: contents[2] as Uint8Array })
    ])
    const received = await receive(target, pack)
    const { packs } = target.repository.storage.folders.own
    await (await received.accept({ packs })).release()
    const [{ path = '' } = {}] = [...packs.all]
    await target.fs.remove(`${path}.pack`)
    const oids = contents.map((content) => nameOf('blob', content))
    const readAll = async (): Promise<(readonly [Oid, string])[]> => {
      const found: (readonly [Oid, string])[] = []
      for await (const { oid, bytes } of target.repository.local.readMany(oids)) {
        found.push([oid, formatHex(bytes)])
        bytes.fill(0)
      }
      return found
    }
    const expected = contents.map((content) => [nameOf('blob', content), formatHex(content)])
    expect(await readAll()).to.have.deep.members(expected)
    expect(await readAll()).to.have.deep.members(expected)
    for (const [at, oid] of oids.entries()) {
      expect((await received.read(oid))?.bytes).to.deep.equal(contents[at])
    }
    elapse()
    expect(await readAll()).to.deep.equal([])
  })

  it('may be too large to be kept while deltas build on them', async () => {
    const target = await makeMemoryRepository()
    const root = noise(1_200_000, 1)
    const a = join(root, noise(5, 2))
    const b = join(a, a, noise(5, 3))
    const c = join(b.subarray(0, 1_200_000), noise(5, 4))
    const e = join(c.subarray(0, 100), noise(5, 5))
    const f = join(b.subarray(0, 100), noise(5, 6))
    const d = join(a, noise(5, 7))
    // What waits for a base is taken in the order in which it lies.
    const entries = [
      deltaOf(c, e),
      deltaOf(b, c),
      deltaOf(b, f),
      deltaOf(a, b),
      deltaOf(a, d),
      deltaOf(root, a),
      formatEntry({ kind: BLOB, content: root })
    ]
    const received = await receive(target, formatCrafted(entries))
    for (const content of [root, a, b, c, d, e, f]) {
      const object = await received.read(nameOf('blob', content))
      expect(object?.bytes.length).to.equal(content.length)
    }
    await received.discard()
  })
})
