import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'

import { parseLfsPointer } from '../../src/artifacts/lfs-pointer.ts'
import { concatBytes, decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { redactText } from '../../src/base/redact.ts'
import { parseMessage } from '../../src/format/commit-message.ts'
import { decodeName, decodePath } from '../../src/format/name-encoding.ts'
import { keyOfPath, partOf } from '../../src/format/paths.ts'
import { parseRecord } from '../../src/format/record.ts'
import { parseRows } from '../../src/format/rows.ts'
import { SeriesReader } from '../../src/format/series-columns.ts'
import { formatSeriesFile, parseSeriesFile } from '../../src/format/series-file.ts'
import { parseSeries } from '../../src/format/series-lines.ts'
import { parseOverview } from '../../src/format/series-overview.ts'
import { parseYaml } from '../../src/format/yaml.ts'
import { parseCommit } from '../../src/git/commit.ts'
import { parseGitConfig } from '../../src/git/config.ts'
import { applyDelta } from '../../src/git/delta.ts'
import { readLoose } from '../../src/git/loose.ts'
import type { ObjectType } from '../../src/git/objects.ts'
import { PackIndex } from '../../src/git/pack-index.ts'
import { createPackContext, PackFile } from '../../src/git/pack-read.ts'
import { receivePack } from '../../src/git/pack-receive.ts'
import { parsePackedRefs } from '../../src/git/packed-refs.ts'
import { RefFiles } from '../../src/git/ref-files.ts'
import { checkRefName } from '../../src/git/ref-name.ts'
import { parseTagTarget } from '../../src/git/tag.ts'
import { findTreeEntry, parseTree } from '../../src/git/tree.ts'
import { browserZlib } from '../../src/host/browser/zlib.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { candidateKeys, parseAddress } from '../../src/model/address.ts'
import type { Kind } from '../../src/model/kinds.ts'
import { readAdvertisement } from '../../src/remote/advertisement.ts'
import { readBundleHeader } from '../../src/remote/bundle.ts'
import { PktReader } from '../../src/remote/pkt-line.ts'
import { readSideBand } from '../../src/remote/side-band.ts'
import { parseRemoteUrl, remoteKeyOf } from '../../src/remote/url.ts'
import { readEntries } from '../../src/store/journal-read.ts'

/** Something that reads what others wrote. */
export interface Decoder {
  readonly name: string
  /** Good input, from which bad input is made. */
  readonly samples: readonly Uint8Array[]
  /** Input that it refuses, from which more of that kind is made. */
  readonly refused?: readonly Uint8Array[]
  /** Reads input to its end. */
  decode(bytes: Uint8Array): unknown
}

const platform = createNodePlatform()
const OID = 'd670460b4b4aece5915caf5c68d12f560a9fe3e4'
const URL_TEXT = 'https://example.org/team/vision.git'

const text = (...lines: readonly string[]): readonly Uint8Array[] => lines.map(encodeUtf8)

/** Replaces the last 20 bytes by the SHA-1 of all others, so that damage is met behind the checksum. */
function sealed(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, Math.max(0, bytes.length - 20))
  return concatBytes([body, createHash('sha1').update(body).digest()])
}

function pkt(line: string): string {
  return (line.length + 4).toString(16).padStart(4, '0') + line
}

const commit = `tree ${OID}\nparent ${OID}\nauthor Ada <ada@example.org> 1700000000 +0100\ncommitter Ada <ada@example.org> 1700000000 +0000\ngpgsig -----BEGIN\n x\n\nput run k3f9q2xab7mt\n\nRuntree-Operation: put\nRuntree-Object: experiments/a/runs/k/3/k3f9q2xab7mt\n`
const treeBytes = concatBytes([
  encodeUtf8('40000 experiments\0'),
  new Uint8Array(20).fill(7),
  encodeUtf8('100644 project.yaml\0'),
  new Uint8Array(20).fill(9)
])

/** A file of columns of which each has its numbers in another form. */
function makeSeriesFile(): Uint8Array {
  const even = Float64Array.of(0, 1, 2)
  const times = Float64Array.of(1_795_418_401_000, 1_795_418_401_007, 1_795_418_401_001)
  const values = Float64Array.of(0.1, Number.NaN, -0)
  const columns = [
    { metric: 'loss', steps: even, times, values },
    { metric: 'acc', split: 'test', steps: values, times: even, values: even }
  ]
  return formatSeriesFile({ treeOid: OID, columns }, platform.hash)
}

/** Reads such a file as it is, and with a digest that fits, so that damage is met behind it. */
function readSeriesFile(bytes: Uint8Array): unknown {
  const fitting = bytes.slice()
  if (fitting.length >= 28) {
    const parts = [fitting.subarray(0, 8), fitting.subarray(28)]
    fitting.set(platform.hash.sha1(...parts), 8)
  }
  return parseSeriesFile(bytes, platform.hash) ?? parseSeriesFile(fitting, platform.hash)
}

/** A pack of a blob, a delta to it by offset and one by name. */
export function makePack(): Uint8Array {
  const blob = encodeUtf8('a blob that deltas build on, long enough')
  const delta = new Uint8Array([blob.length, blob.length, 0x90, blob.length])
  const head = (kind: number, size: number): number[] =>
    size < 16 ? [(kind << 4) | size] : [0x80 | (kind << 4) | (size & 15), size >> 4]
  const first = concatBytes([new Uint8Array(head(3, blob.length)), deflateSync(blob)])
  const second = concatBytes([
    new Uint8Array([...head(6, delta.length), first.length]),
    deflateSync(delta)
  ])
  const name = createHash('sha1').update(`blob ${blob.length}\0`).update(blob).digest()
  const third = concatBytes([new Uint8Array(head(7, delta.length)), name, deflateSync(delta)])
  const header = new Uint8Array([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, 3])
  return sealed(concatBytes([header, first, second, third, new Uint8Array(20)]))
}

/** An index of one object, whose name is all `a`. */
function makeIndex(offset: number): Uint8Array {
  const bytes = new Uint8Array(8 + 1024 + 28 + 40)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0xff744f63)
  view.setUint32(4, 2)
  for (let first = 0xaa; first < 256; first++) view.setUint32(8 + first * 4, 1)
  bytes.fill(0xaa, 1032, 1052)
  view.setUint32(1056, offset)
  return bytes
}

const PROJECT = fileURLToPath(new URL('../../fixtures/format/project', import.meta.url))

/** The records of the example of the format, by kind. */
function readRecords(): ReadonlyMap<Kind, Uint8Array[]> {
  const records = new Map<Kind, Uint8Array[]>()
  for (const path of readdirSync(PROJECT, { recursive: true, encoding: 'utf8' })) {
    const kind = keyOfPath(path)?.kind
    if (kind === undefined || !path.endsWith('.yaml') || path.endsWith('.ref.yaml')) continue
    records.set(kind, [...(records.get(kind) ?? []), readFileSync(`${PROJECT}/${path}`)])
  }
  return records
}

const files = createMemoryFileSystem()

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function readObject(bytes: Uint8Array): Promise<unknown> {
  const oid = createHash('sha1').update(bytes).digest('hex')
  const fs = { read: async () => new Uint8Array(deflateSync(bytes)) } as never
  const object = await readLoose(fs, platform, '/objects', oid)
  return object?.type === 'tree' ? parseTree(object) : object
}

/** As a page reads packs. */
const inPage = { ...platform, zlib: browserZlib }

async function readPack(bytes: Uint8Array, on = platform): Promise<void> {
  const objects = { read: async () => undefined, listHeld: async () => [] }
  const context = { fs: files, platform: on, path: '/fuzz/objects', objects }
  const pack = await receivePack(context, inPieces(sealed(bytes)))
  await pack.discard()
}

async function readFromPack(bytes: Uint8Array): Promise<void> {
  const index = new PackIndex(makeIndex(12 + ((bytes.at(-21) ?? 0) & 3)), '/fuzz/pack')
  const fs = {
    stat: async () => ({ sizeBytes: bytes.length }),
    readRange: async (_: string, at: number, length: number) => bytes.subarray(at, at + length)
  }
  const pack = new PackFile('/fuzz/pack', index, createPackContext(fs as never, platform))
  await pack.read(0)
}

function readIndex(bytes: Uint8Array): void {
  const index = new PackIndex(bytes, '/fuzz/pack')
  const count = Math.min(index.count, 50)
  for (let at = 0; at < count; at++) {
    index.offsetAt(at)
    index.endOf(index.offsetAt(at))
    index.find(index.oidAt(at))
  }
  index.find('a'.repeat(40))
  index.findByPrefix('aa', 10)
}

async function readRef(bytes: Uint8Array): Promise<void> {
  const readRange = async (_: string, start: number, length: number) =>
    bytes.subarray(start, start + length)
  const fs = { ...files, stat: async () => undefined, readRange } as never
  await new RefFiles(fs, '/fuzz').read('refs/heads/main')
}

const git = (type: ObjectType, bytes: Uint8Array) => ({ oid: OID, type, bytes })

/** Every decoder of what comes from a repository, a server, or a person. */
export const DECODERS: readonly Decoder[] = [
  {
    name: 'object',
    samples: text(`commit ${commit.length}\0${commit}`, 'blob 3\0abc', 'tree 0\0'),
    decode: readObject
  },
  {
    name: 'deflated object',
    samples: [],
    refused: [new Uint8Array(deflateSync(encodeUtf8('blob 3\0abc')))],
    decode: (bytes) => readLoose({ read: async () => bytes } as never, platform, '/o', OID)
  },
  {
    name: 'tree',
    samples: [treeBytes],
    decode: (bytes) => [
      parseTree(git('tree', bytes)),
      findTreeEntry(git('tree', bytes), 'project.yaml')
    ]
  },
  {
    name: 'commit',
    samples: text(commit),
    decode: (bytes) => parseMessage(parseCommit(git('commit', bytes)).message)
  },
  {
    name: 'tag',
    samples: text(`object ${OID}\ntype commit\ntag v1\ntagger A <a> 1 +0000\n\nx\n`),
    decode: (bytes) => parseTagTarget(git('tag', bytes))
  },
  {
    name: 'delta',
    samples: [new Uint8Array([10, 13, 0x90, 10, 3, 65, 66, 67])],
    decode: (bytes) => applyDelta(new Uint8Array(10), bytes)
  },
  { name: 'pack', samples: [makePack()], decode: (bytes) => readPack(bytes) },
  { name: 'pack in a page', samples: [makePack()], decode: (bytes) => readPack(bytes, inPage) },
  { name: 'object in a pack', samples: [], refused: [makePack()], decode: readFromPack },
  { name: 'idx', samples: [makeIndex(12)], decode: readIndex },
  {
    name: 'ref',
    samples: text(`${OID}\n`),
    refused: text('ref: refs/heads/other\n'),
    decode: readRef
  },
  {
    name: 'name of a ref',
    samples: text('refs/heads/experiments/a'),
    decode: (bytes) => checkRefName(decodeUtf8(bytes))
  },
  {
    name: 'packed refs',
    samples: text(`# pack-refs with: peeled\n${OID} refs/heads/main\n^${OID}\n`),
    decode: parsePackedRefs
  },
  {
    name: 'git config',
    samples: text('[core]\n\tbare = true\n[remote "o"]\n\turl = "a\\tb" ; x\n'),
    decode: (bytes) => parseGitConfig(decodeUtf8(bytes), '/c').names()
  },
  {
    name: 'pkt-line',
    samples: text(
      pkt(`${OID} HEAD\0ofs-delta symref=HEAD:refs/heads/main agent=x\n`) +
        pkt(`${OID} refs/heads/main\n`) +
        '0000'
    ),
    refused: text(`${pkt('# service=git-upload-pack\n')}0000${pkt('ERR no\n')}`),
    decode: (bytes) => readAdvertisement(URL_TEXT, new PktReader(URL_TEXT, inPieces(bytes)))
  },
  {
    name: 'side band',
    samples: [],
    refused: text(
      `${pkt('\x01PACK')}${pkt('\x02counting\rdone\n')}${pkt('\x03fatal: \x1b[31m')}0000`
    ),
    decode: (bytes) =>
      drain(readSideBand(URL_TEXT, new PktReader(URL_TEXT, inPieces(bytes)), () => undefined))
  },
  {
    name: 'bundle',
    samples: text(
      `# v2 git bundle\n-${OID} x\n${OID} refs/heads/main\n\nPACK`,
      `# v3 git bundle\n@object-format=sha1\n${OID} HEAD\n\nPACK`
    ),
    decode: async (bytes) => {
      const readRange = async (_: string, at: number, length: number) =>
        bytes.subarray(at, at + length)
      await readBundleHeader({ readRange } as never, '/b.bundle', '/b.bundle')
    }
  },
  {
    name: 'YAML',
    samples: text(
      'a: [1, "two", ~]\nb: { c: 3 }\n? d\n: >-\n  e\n',
      'a: 1\nb:\n  - c: "d"\n    e: 1e3\n'
    ),
    decode: (bytes) => parseYaml(decodeUtf8(bytes))
  },
  ...[...readRecords()].map(([kind, samples]) => ({
    name: `record (${kind})`,
    samples,
    decode: (bytes: Uint8Array) => parseRecord(kind, bytes, `${kind}.yaml`)
  })),
  {
    name: 'series',
    samples: text(
      'step\ttime\tmetric\tsplit\tvalue\n0\t1795418401000\ttrain/loss\t\t1.0986\n\t1\ta\t0\tnan\n'
    ),
    decode: parseSeries
  },
  {
    name: 'series in columns',
    samples: text('0\t1795418401000\tloss\ta\t1.5\n\t1\ta\t0\tNaN\n1e3\t2\tloss\ta\t-0.1e-7\n'),
    decode: (bytes) => {
      const reader = new SeriesReader()
      reader.add(bytes)
      return reader.columns()
    }
  },
  {
    name: 'overview',
    samples: text(
      `of\t${OID}\ncount\tloss\ta\t9\nstep\ttime\tmetric\tsplit\tvalue\n0\t1795418401000\tloss\ta\t1.5\n`
    ),
    decode: parseOverview
  },
  { name: 'file of series', samples: [makeSeriesFile()], decode: readSeriesFile },
  {
    name: 'rows',
    samples: text('{"id":1,"truth":"a","p":[0.5,"NaN"]}\n{"id":2}\n'),
    decode: (bytes) => parseRows(bytes, [{ name: 'id', type: 'number' }] as never)
  },
  {
    name: 'journal',
    samples: text(
      '{"log":{"loss":1,"b":"NaN"},"step":0,"time":1}\n~"loss"3ff0000000000000"b"7ff8000000000000 1 2 "s"\n{"text":"x","time":2}\n{"row":{"a":"\\u0000NaN"},"result":"r"}\n'
    ),
    decode: (bytes) =>
      drain(
        readEntries(
          {
            readRange: async (_: string, at: number, length: number) =>
              bytes.subarray(at, at + length)
          } as never,
          '/j'
        )
      )
  },
  {
    name: 'LFS pointer',
    samples: text(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`
    ),
    decode: parseLfsPointer
  },
  {
    name: 'path',
    samples: text(
      'experiments/a/runs/k/3/k3f9q2xab7mt/artifacts/a%2fb.txt',
      'experiments/a/executions/ab/ab0123456789/execution.yaml'
    ),
    decode: (bytes) => {
      const path = decodeUtf8(bytes)
      return [keyOfPath(path), partOf(path), decodeName(path), decodePath(path)]
    }
  },
  {
    name: 'address',
    samples: text('vision/train/k3f9q2xab7mt/metrics/loss@abc123', 'https://h/x#train/k3f9'),
    decode: (bytes) => candidateKeys(parseAddress(decodeUtf8(bytes)).segments)
  },
  {
    name: 'URL',
    samples: text(
      'https://ada:pw@example.org:443/team/vision.git?x#y',
      'ssh://git@h:22/p',
      'git@h:p/q.git',
      'file:///a/b'
    ),
    refused: text('ext::sh -c x', '-oProxyCommand=x:y', 'https://h\n/x', 'ssh://-oX/p'),
    decode: (bytes) => {
      redactText(decodeUtf8(bytes))
      parseRemoteUrl(decodeUtf8(bytes))
      return remoteKeyOf(decodeUtf8(bytes))
    }
  }
]
