import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import { concatBytes, decodeUtf8, encodeUtf8 } from '../../src/base/bytes.ts'
import { isCoded } from '../../src/base/errors.ts'
import type { Json } from '../../src/base/json.ts'
import { parseCanonicalRecord } from '../../src/format/record.ts'
import { findBadStamp, isStamp } from '../../src/format/stamp.ts'
import { parseCommit } from '../../src/git/commit.ts'
import { readCruftTimes } from '../../src/git/cruft-pack.ts'
import { parseOwner } from '../../src/git/liveness.ts'
import { breakDeadLock } from '../../src/git/lock-mark.ts'
import { computeOid } from '../../src/git/objects.ts'
import { salvagePack } from '../../src/git/pack-salvage.ts'
import { PathIndex } from '../../src/git/path-index.ts'
import { ShallowEdge } from '../../src/git/shallow.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { readPatch } from '../../src/query/code-diff.ts'
import { formatIndex, IndexFile } from '../../src/query/index/index-file.ts'
import { formatFilter } from '../../src/query/language/format.ts'
import { prepareFilter } from '../../src/query/language/prepare.ts'
import { readSort } from '../../src/query/language/sort-key.ts'
import { checkCredential } from '../../src/remote/credentials.ts'
import { ForgeApi } from '../../src/remote/forge/forge-api.ts'
import {
  openWholePack,
  readFirstCommit,
  readPackObjects
} from '../../src/remote/forge/forge-pack.ts'
import { GitHub } from '../../src/remote/forge/github.ts'
import { GitLab } from '../../src/remote/forge/gitlab.ts'
import { openForge } from '../../src/remote/forge/open-forge.ts'
import { parseRetryAfter } from '../../src/remote/retry.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'
import { readSettings } from '../../src/service/config.ts'
import { createLineReader, parseLogLine } from '../../src/service/log-protocol.ts'
import { readRemoteMemory } from '../../src/store/remote-memory.ts'
import type { Decoder } from './decoders.ts'

const platform = createNodePlatform()
const { hash } = platform
const OID = 'd670460b4b4aece5915caf5c68d12f560a9fe3e4'
const BLOB = encodeUtf8('abc')
const text = (...lines: readonly string[]): readonly Uint8Array[] => lines.map(encodeUtf8)
const readAll = (bytes: Uint8Array) => ({ read: async () => bytes }) as never

function sealed(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, Math.max(0, bytes.length - 20))
  return concatBytes([body, createHash('sha1').update(body).digest()])
}

/** Reads ways of one input after another; what is refused by one is tried by the next. */
async function eachOf(...ways: readonly (() => unknown)[]): Promise<void> {
  let refused: unknown
  for (const way of ways) {
    try {
      await way()
    } catch (error) {
      if (!isCoded(error)) throw error
      refused = error
    }
  }
  if (refused !== undefined) throw refused
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The API of a forge that gives one answer to whatever is asked. */
function answering(body: Uint8Array, headers: Readonly<Record<string, string>> = {}): ForgeApi {
  const http = { send: async () => ({ statusCode: 200, headers, body: once(body) }) }
  const context = { http, platform, credentials: [], limits: new Map(), pages: new Map() }
  return new ForgeApi('https://forge.example/a/b', 'https://api.example', context as never)
}

const isKnown = async (): Promise<boolean> => false

const IDENTITY = { name: 'Ada', email: 'ada@example.org', date: '2023-11-14T22:13:20Z' }
const COMMIT = encodeUtf8(
  `tree ${OID}\nauthor Ada <ada@example.org> 1700000000 +0000\ncommitter Ada <ada@example.org> 1700000000 +0000\n\nx\n`
)
const COMMIT_OID = computeOid(hash, 'commit', COMMIT)
const told = { author: IDENTITY, committer: IDENTITY, message: 'x', tree: { sha: OID } }
const json = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value))

function github(bytes: Uint8Array): Promise<void> {
  const forge = (): GitHub => new GitHub(answering(bytes), hash, 'a/b')
  return eachOf(
    () => forge().refs(),
    () => drain(forge().commits(COMMIT_OID, 1)),
    () => drain(forge().log({ head: COMMIT_OID, path: 'a' })),
    () => forge().trees({ commit: COMMIT_OID, tree: OID }, isKnown),
    () => forge().named(OID, 'tree')
  )
}

function gitlab(bytes: Uint8Array): Promise<void> {
  const forge = (): GitLab => new GitLab(answering(bytes), platform, 'a/b')
  return eachOf(
    () => forge().refs(),
    () => drain(forge().commits(COMMIT_OID, 1)),
    () => drain(forge().log({ head: COMMIT_OID, path: 'a' })),
    () => forge().trees({ commit: COMMIT_OID, tree: OID })
  )
}

/** A tar archive of one file. */
function makeArchive(): Uint8Array {
  const header = new Uint8Array(512)
  header.set(encodeUtf8('vision/project.yaml'), 0)
  header.set(encodeUtf8('0000644\0'), 100)
  header.set(encodeUtf8('00000000003\0'), 124)
  header.set(encodeUtf8('0'), 156)
  const content = new Uint8Array(512)
  content.set(BLOB)
  return concatBytes([header, content, new Uint8Array(1024)])
}

function archive(bytes: Uint8Array): Promise<void> {
  // Its reader gives up at whatever it does not know, and the files are asked for one by one.
  const zipped = new Uint8Array(gzipSync(bytes))
  const commit = { ...told, id: COMMIT_OID, parent_ids: [], authored_date: IDENTITY.date }
  const send = async ({ url }: { readonly url: string }) => ({
    statusCode: 200,
    headers: {},
    body: once(url.includes('/archive.') ? zipped : json([commit]))
  })
  const context = { http: { send }, platform, credentials: [], limits: new Map(), pages: new Map() }
  const api = new ForgeApi('https://forge.example/a/b', 'https://api.example', context as never)
  return drain(new GitLab(api, platform, 'a/b').commits(COMMIT_OID, 1))
}

/** A pack of one commit, as a summary is one. */
function makeSummary(): Uint8Array {
  const head = new Uint8Array([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, 1])
  const size = COMMIT.length
  const entry = new Uint8Array([0x90 | (size & 15), size >> 4])
  return sealed(concatBytes([head, entry, platform.zlib.deflate(COMMIT), new Uint8Array(20)]))
}

function summary(bytes: Uint8Array): Promise<void> {
  const whole = sealed(bytes)
  return eachOf(
    () =>
      parseCommit(readFirstCommit(platform, 'summary', openWholePack(platform, 'summary', whole))),
    () => readPackObjects(platform, 'summary', whole)
  )
}

function makeIndexFile(): Uint8Array {
  const state = { experiment: 'e', kind: 'run', folders: { runs: OID }, count: 1 } as const
  const rows = { runs: new Uint8Array(8), treeOids: new Uint8Array(20) }
  const cells = { kinds: Uint8Array.of(1), numbers: Float64Array.of(0.5), others: [] }
  const traits = { field: ['params', 'k'] } as never
  return formatIndex(state, rows, [{ traits, cells }], hash)
}

function pathIndex(bytes: Uint8Array): void {
  // Damage is told by the digest; what somebody sealed must be read without a fault all the same.
  for (const each of [bytes, sealed(bytes)]) PathIndex.parse(each, hash)
}

const FILTERS = [
  'loss < 0.1 and (status = finished or not has(tags, "a b")) and params."x.y" in (1, two, null)',
  'name ~ "^a.*b$" and created > 2026-01-01 and duration < 2h',
  'exists(metrics.acc)'
]

/** Decoders of what a program of ours or a service wrote, and of what people ask. */
export const MORE_DECODERS: readonly Decoder[] = [
  {
    name: 'filter',
    samples: text(
      'loss < 0.1 and status = finished',
      'exists(metrics.acc)',
      'params."x.y" != null'
    ),
    refused: text(...FILTERS.map((filter) => `${filter} and`), '(', 'name ~ "("'),
    decode: async (bytes) => {
      const input = decodeUtf8(bytes)
      await eachOf(
        async () => formatFilter((await prepareFilter('run', input)).filter),
        () => readSort(input)
      )
    }
  },
  {
    name: 'filter as data',
    samples: text(
      '{"op":"and","filters":[{"op":"exists","field":["metrics","acc"]},{"op":"<","field":"params.k","value":3}]}'
    ),
    refused: text('{"op":"and","filters":3}', '{"op":"in","field":["name"],"values":3}'),
    decode: async (bytes) => {
      const data = parsed(bytes)
      if (data !== undefined) await prepareFilter('run', data as never)
    }
  },
  {
    name: 'canonical record',
    samples: text('schema: run/1\n', '- 1\n').slice(1),
    refused: text('schema: run/1\n'),
    decode: (bytes) => parseCanonicalRecord('run', bytes, 'run.yaml')
  },
  {
    name: 'stamps',
    samples: text('{"edits":{"name":"2026-01-01T00:00:00.000Z k3f9q2"}}'),
    decode: (bytes) => {
      isStamp(decodeUtf8(bytes))
      const data = parsed(bytes)
      if (typeof data === 'object' && data !== null) findBadStamp(data as never)
    }
  },
  {
    name: 'answers of GitHub',
    samples: [],
    refused: [
      json([{ ref: 'refs/heads/main', object: { sha: OID } }]),
      json([{ sha: COMMIT_OID, commit: told, parents: [] }]),
      json({ sha: OID, tree: [{ path: 'a', mode: '100644', sha: OID, type: 'blob' }] }),
      json({ ...told, parents: [] })
    ],
    decode: github
  },
  {
    name: 'answers of GitLab',
    samples: [],
    refused: [
      json([{ name: 'main', commit: { id: OID } }]),
      json([{ ...told, id: COMMIT_OID, parent_ids: [], author_name: 'Ada', authored_date: 'x' }]),
      json([{ path: 'a/b', mode: '100644', id: OID }])
    ],
    decode: gitlab
  },
  {
    name: 'repository of a forge',
    samples: text('https://github.com/ada/vision.git', 'https://github.com/a%20b/c'),
    refused: text('https://github.com/ada/%zz', 'https://github.com/ada'),
    decode(bytes) {
      const address = parseRemoteUrl(decodeUtf8(bytes))
      const api = { kind: 'github', api: 'https://api.example' } as const
      const context = { platform, http: {}, credentials: [], limits: new Map(), pages: new Map() }
      const objects = { has: async () => false, listHeld: async () => [] }
      if (address.kind === 'http') openForge(address, api, context as never, objects, {})
    }
  },
  {
    name: 'link to the next page',
    samples: text('<https://api.example/x?page=1>; rel="prev"'),
    refused: text('<https://elsewhere.example/x>; rel="next"', '<http://[>; rel="next"'),
    decode: (bytes) => {
      const link = decodeUtf8(bytes)
      let pages = 0
      return (async () => {
        for await (const _ of answering(encodeUtf8('[]'), { link }).pages('/x')) {
          if (++pages === 3) return
        }
      })()
    }
  },
  { name: 'archive', samples: [], refused: [makeArchive()], decode: archive },
  { name: 'summary', samples: [makeSummary()], decode: summary },
  {
    name: 'pack to salvage',
    samples: [makeSummary(), text('no pack at all')[0] as Uint8Array],
    decode: (bytes) => {
      const readRange = async (_: string, at: number, length: number) =>
        bytes.subarray(at, at + length)
      return drain(salvagePack({ readRange }, platform, '/p.pack', async () => undefined))
    }
  },
  {
    name: 'index of runs',
    samples: [makeIndexFile()],
    decode: async (bytes) => {
      const read = async (at: number, length: number) => bytes.slice(at, at + length)
      await IndexFile.isWhole(read, hash)
      const file = await IndexFile.open(read, { experiment: 'e', kind: 'run' }, hash)
      for (const column of file?.columns ?? []) await column.read()
    }
  },
  { name: 'changed paths', samples: [new PathIndex().format(hash)], decode: pathIndex },
  {
    name: 'edge of a shallow clone',
    samples: text(`${OID}\n${COMMIT_OID}\n`),
    decode: (bytes) => new ShallowEdge(readAll(bytes), platform, '/r').load()
  },
  {
    name: 'times of a cruft pack',
    samples: [
      new Uint8Array([0x4d, 0x54, 0x4d, 0x45, 0, 0, 0, 1, 0, 0, 0, 1, ...Array(44).fill(1)])
    ],
    decode: async (bytes) => {
      const times = await readCruftTimes(
        { fs: readAll(bytes) } as never,
        { path: '/p', index: { count: 1 } } as never
      )
      times?.(0)
    }
  },
  {
    name: 'owner of a lock',
    samples: text(JSON.stringify(platform.processes.self), `host,boot,ns,1,2,token.mark`),
    decode: async (bytes) => {
      const name = decodeUtf8(bytes)
      parseOwner(name)
      const stat = async () => ({ fileId: '1' })
      const list = async () => [{ name }, { name: `${name}.mark` }]
      const nothing = async () => false
      const fs = { ...createMemoryFileSystem(), stat, list, create: nothing, rename: nothing }
      await breakDeadLock(fs as never, platform, '/locks', '/ref.lock')
    }
  },
  {
    name: 'what is known of a remote',
    samples: text('{"asked":{"refs/heads/main":5},"gone":["a"],"rewound":[],"failed":7}'),
    decode: (bytes) => {
      const store = { folder: '/p', host: { files: readAll(bytes) } }
      return readRemoteMemory(store as never, 'origin')
    }
  },
  {
    name: 'settings',
    samples: text('project: vision\n'),
    refused: text('project: [\n', 'project: [1]\n'),
    decode: (bytes) => readSettings(readAll(bytes), '/w')
  },
  {
    name: 'lines of a log',
    samples: text('{"loss":0.5,"step":1}\n{"text":"x"}\n{"row":{"a":NaN}}\nnoise\n'),
    decode: (bytes) => {
      const reader = createLineReader(64)
      const half = bytes.length >> 1
      const lines = [bytes.subarray(0, half), bytes.subarray(half)].flatMap((part) => [
        ...reader.push(part)
      ])
      for (const line of [...lines, ...reader.end()]) parseLogLine(line)
      parseLogLine(decodeUtf8(bytes))
    }
  },
  {
    name: 'credential',
    samples: text('ada\tsecret'.replace('\t', ' ')),
    refused: text('a\nhost=evil', 'a\0b'),
    decode: (bytes) => {
      const [username = '', password = ''] = decodeUtf8(bytes).split(' ')
      checkCredential('https://h/x', { username, password })
    }
  },
  {
    name: 'Retry-After',
    samples: text('3', 'Wed, 21 Oct 2026 07:28:00 GMT'),
    decode: (bytes) => parseRetryAfter(decodeUtf8(bytes), 1.7e12)
  },
  {
    name: 'patch',
    samples: text(
      'diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n',
      'diff --git a/x b/y\nrename from x\nrename to y\nGIT binary patch\nliteral 1\n'
    ),
    decode: (bytes) => readPatch(decodeUtf8(bytes))
  }
]

/** Parses JSON; `undefined` if it is none. */
function parsed(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(decodeUtf8(bytes)) as Json
  } catch {
    return undefined
  }
}
