import { randomBytes } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'

import { fetchRefs } from '../../src/remote/fetch.ts'
import { openRemote } from '../../src/remote/open-remote.ts'
import {
  BLOB,
  binaryName,
  COMMIT,
  formatCrafted,
  formatDistance,
  formatEntry,
  formatHistory,
  formatPackHeader,
  formatSize,
  nameOf,
  OFS,
  REF,
  TAG,
  TREE
} from '../support/crafted-packs.ts'
import { type CraftedAnswers, pkt, sendAll, serveCrafted } from '../support/crafted-remote.ts'
import { fsck, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { codeOf, contextOf, listRefs, makeRemoteHost } from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const MAIN = 'refs/heads/main'
const DAMAGED = 'REMOTE_PACK_DAMAGED'
/** By how much the memory of this process may have grown at its highest. */
const GROWTH_BYTES = 700 << 20

const text = Buffer.from('content of a file\n')
const history = formatHistory([{ name: 'file', oid: nameOf('blob', text) }])
const blob = formatEntry({ kind: BLOB, content: text })
const zeros = (sizeBytes: number): Buffer => deflateSync(Buffer.alloc(sizeBytes))
const none = new Uint8Array()

/** A delta that copies all of its base and adds a few bytes. */
function deltaOf(sizeBytes: number, added: Uint8Array): Buffer {
  const copies: number[] = []
  for (let at = 0; at < sizeBytes; at += 0x10000) {
    const size = Math.min(0x10000, sizeBytes - at)
    copies.push(0xbf, at & 255, (at >> 8) & 255, (at >> 16) & 255, (at >> 24) & 255)
    copies.push(size & 255, (size >> 8) & 255)
    if (size === 0x10000) copies.splice(-7, 7, 0x8f, at & 255, (at >> 8) & 255, (at >> 16) & 255, 0)
  }
  const sizes = [...formatSize(sizeBytes), ...formatSize(sizeBytes + added.length)]
  return Buffer.from([...sizes, ...copies, added.length, ...added])
}

/** A chain of deltas of which each has a sibling that waits until all below are through. */
function longChain(depth: number, sizeBytes: number): readonly Buffer[] {
  const entries = [formatEntry({ kind: BLOB, content: Buffer.alloc(sizeBytes) })]
  for (let level = 0; level < depth; level++) {
    const base = entries.length === 1 ? 0 : 2
    const start = entries
      .slice(entries.length - Math.max(base, 1))
      .reduce((n, e) => n + e.length, 0)
    const content = deltaOf(sizeBytes + level, Uint8Array.of(level & 255))
    const main = formatEntry({ kind: OFS, content, base: formatDistance(start) })
    const other = deltaOf(sizeBytes + level, Uint8Array.of(1, 2, level & 255))
    const distance = formatDistance(start + main.length)
    entries.push(main, formatEntry({ kind: OFS, content: other, base: distance }))
  }
  return entries
}

const delta = deltaOf(text.length, Uint8Array.of(1))
const [left, right] = [randomBytes(20), randomBytes(20)]
const tree = (bytes: string, oid = nameOf('blob', text)): Buffer =>
  Buffer.concat([Buffer.from(bytes), Buffer.from(oid, 'hex')])
const of = (kind: number, content: Uint8Array): Buffer => formatEntry({ kind, content })
const whole = [...history.entries, blob]

/** Packs that nobody should have made, and what is said of them; `undefined` where they are taken. */
const PACKS: readonly (readonly [name: string, pack: Buffer, code: string | undefined])[] = [
  ['is as it should be', formatCrafted(whole), undefined],
  [
    'has a blob that becomes more than it says',
    formatCrafted([
      ...history.entries,
      formatEntry({ kind: BLOB, content: none, size: 10, deflated: zeros(300 << 20) })
    ]),
    DAMAGED
  ],
  [
    'has a blob of half a gigabyte and more',
    formatCrafted([
      ...whole,
      formatEntry({ kind: BLOB, content: none, size: 600 << 20, deflated: zeros(1 << 20) })
    ]),
    DAMAGED
  ],
  [
    'has a blob that claims an exabyte',
    formatCrafted([...whole, formatEntry({ kind: BLOB, content: text, size: 2 ** 60 })]),
    DAMAGED
  ],
  [
    'has a delta that claims gigabytes',
    formatCrafted([
      ...whole,
      formatEntry({
        kind: OFS,
        base: formatDistance(blob.length),
        content: Uint8Array.of(text.length, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x90, 10)
      })
    ]),
    DAMAGED
  ],
  [
    'has deltas to each other',
    formatCrafted([
      ...whole,
      formatEntry({ kind: REF, base: left, content: delta }),
      formatEntry({ kind: REF, base: right, content: delta })
    ]),
    DAMAGED
  ],
  ...[0, 1, 12, 1 << 20, 2 ** 30].map((distance): readonly [string, Buffer, string] => [
    `has a delta to what lies ${distance} bytes before it`,
    formatCrafted([
      ...whole,
      formatEntry({ kind: OFS, base: formatDistance(distance), content: delta })
    ]),
    DAMAGED
  ]),
  [
    'has a delta of a delta of another object',
    formatCrafted([
      ...whole,
      formatEntry({
        kind: REF,
        base: binaryName('blob', text),
        content: deltaOf(text.length + 1, none)
      })
    ]),
    DAMAGED
  ],
  ['says that it has no objects', formatCrafted(whole, { count: 0 }), DAMAGED],
  ['says that it has fewer objects', formatCrafted(whole, { count: 2 }), DAMAGED],
  ['says that it has more objects', formatCrafted(whole, { count: 4 }), DAMAGED],
  ['says that it has 4 thousand million', formatCrafted(whole, { count: 2 ** 32 - 1 }), DAMAGED],
  ['has an object three times', formatCrafted([...whole, blob, blob]), undefined],
  ['is of version 9', formatCrafted(whole, { version: 9 }), DAMAGED],
  ['has a wrong checksum', formatCrafted(whole, { checksum: Buffer.alloc(20, 1) }), DAMAGED],
  ['has bytes behind its end', formatCrafted(whole, { trailing: Buffer.from('x') }), DAMAGED],
  ['has a pack behind its end', formatCrafted(whole, { trailing: formatCrafted(whole) }), DAMAGED],
  ['has entries of no type', formatCrafted([...whole, of(0, text), of(5, text)]), DAMAGED],
  ['lacks the blob', formatCrafted(history.entries), 'REMOTE_PACK_INCOMPLETE'],
  ['has a tree that is cut', formatCrafted([...whole, of(TREE, Buffer.from('100644 x'))]), DAMAGED],
  ['has a tree of noise', formatCrafted([...whole, of(TREE, randomBytes(500))]), DAMAGED],
  ['has a commit of noise', formatCrafted([...whole, of(COMMIT, randomBytes(500))]), DAMAGED],
  ['has a tag of noise', formatCrafted([...whole, of(TAG, randomBytes(500))]), DAMAGED],
  [
    'has a tree that takes a blob for a folder',
    formatCrafted([...whole, of(TREE, tree('40000 folder\0'))]),
    DAMAGED
  ],
  [
    'has a chain of deltas with siblings',
    formatCrafted([...whole, ...longChain(80, 1 << 20)]),
    undefined
  ]
]

describe('a pack that', () => {
  let folder: string
  let local: TestRepository
  const servers: { close(): Promise<void> }[] = []
  before(() => {
    folder = makeTempFolder()
  })
  beforeEach(async () => {
    local = await makeRepository()
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
    await local.close()
  })
  after(() => removeTempFolder(folder))

  async function fetchFrom(url: string): Promise<void> {
    const remote = await openRemote(makeRemoteHost(), local.repository.objects, url)
    try {
      await fetchRefs(contextOf(local), remote, { map: (ref) => ref })
    } finally {
      await remote.close()
    }
  }

  async function serve(answers: CraftedAnswers): Promise<string> {
    const server = await serveCrafted(answers)
    servers.push(server)
    return server.url
  }

  /** Expects that nothing came, or all, that nothing else is left, and that memory did not grow much. */
  async function expectSettled(
    body: Promise<void>,
    code: string | RegExp | undefined
  ): Promise<void> {
    const before = process.resourceUsage().maxRSS * 1024
    const found = await codeOf(body)
    if (code instanceof RegExp) expect(found).to.match(code)
    else expect(found).to.equal(code)
    expect(process.resourceUsage().maxRSS * 1024 - before).to.be.below(GROWTH_BYTES)
    const files = readdirSync(`${local.path}/objects/pack`)
    expect(files.map((name) => name.replace(/^.*\./, '')).sort()).to.deep.equal(
      code === undefined ? ['idx', 'pack'] : []
    )
    expect(listRefs(local.path)).to.deep.equal(code === undefined ? { [MAIN]: history.head } : {})
    if (code === undefined) expect(fsck(local.path)).to.equal('')
  }

  for (const [name, pack, code] of PACKS) {
    it(`${name} is ${code === undefined ? 'taken' : 'refused'}`, async () => {
      const refs = { [MAIN]: history.head }
      await expectSettled(fetchFrom(await serve({ refs, pack: [pack] })), code)
      if (code === undefined) return
      const bundle = `${folder}/crafted.bundle`
      const header = `# v2 git bundle\n${history.head} ${MAIN}\n\n`
      writeFileSync(bundle, Buffer.concat([Buffer.from(header), pack]))
      await expectSettled(fetchFrom(bundle), code)
    })
  }

  const refs = { [MAIN]: history.head }
  const header = formatPackHeader(3)

  it('goes on for ever after its end is refused at once', async () => {
    const pack = function* (): Generator<Uint8Array> {
      yield formatCrafted(whole)
      for (;;) yield Buffer.alloc(60_000)
    }
    await expectSettled(fetchFrom(await serve({ refs, pack: pack() })), DAMAGED)
  })

  it('has an object that never ends is refused', async () => {
    const pack = function* (): Generator<Uint8Array> {
      yield header
      yield Uint8Array.of(0x35, 0x78, 0x01)
      // Blocks of no bytes each (RFC 1951, 3.2.4).
      const blocks = Buffer.from('000000ffff'.repeat(10_000), 'hex')
      for (;;) yield blocks
    }
    await expectSettled(fetchFrom(await serve({ refs, pack: pack() })), DAMAGED)
  })

  it('comes compressed once more, a thousand times as long, is refused', async () => {
    const pack = Buffer.concat([header, Buffer.alloc(64 << 20)])
    const body = gzipSync(
      Buffer.concat([pkt('NAK\n'), pkt(Buffer.concat([Uint8Array.of(1), header])), pack])
    )
    const answer: CraftedAnswers['answer'] = (response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(body)
    }
    await expectSettled(
      fetchFrom(await serve({ refs, answer })),
      /^REMOTE_(PACK_DAMAGED|PROTOCOL)$/
    )
  })

  it('is never sent, since the list of refs does not end', async () => {
    const names = Array.from({ length: 10_000 }, (_, number) => `refs/heads/${number}`)
    const refs = Buffer.concat(names.map((name) => pkt(`${history.head} ${name}\n`)))
    const lines = function* (): Generator<Uint8Array> {
      yield pkt('# service=git-upload-pack\n')
      yield Buffer.from('0000')
      for (;;) yield refs
    }
    const advertise: CraftedAnswers['advertise'] = (response) => void sendAll(response, lines())
    await expectSettled(fetchFrom(await serve({ refs: {}, advertise })), 'REMOTE_PROTOCOL')
  })

  it('is never sent, since the list of refs comes compressed a thousand times', async () => {
    const line = pkt(`${history.head} refs/heads/${'x'.repeat(4000)}\n`)
    const start = Buffer.concat([pkt('# service=git-upload-pack\n'), Buffer.from('0000')])
    const body = gzipSync(Buffer.concat([start, ...Array<Buffer>(20_000).fill(line)]))
    const advertise: CraftedAnswers['advertise'] = (response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(body)
    }
    await expectSettled(fetchFrom(await serve({ refs: {}, advertise })), 'REMOTE_PROTOCOL')
  })
})
