import { concatBytes, encodeUtf8, formatHex, parseHex } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { crc32 } from './crc32.ts'
import { gitErrors } from './errors.ts'
import { keepObjects, keptObject } from './kept-objects.ts'
import { NameSet } from './name-set.ts'
import type { HeldObjects, ObjectStore } from './object-store.ts'
import type { ObjectStorePlatform } from './object-write.ts'
import type { GitObject, ObjectType, Oid } from './objects.ts'
import { checkCollisions } from './pack-collision.ts'
import { PackContent } from './pack-content.ts'
import { EntryReader } from './pack-entry-read.ts'
import { PackIndex } from './pack-index.ts'
import { type Link, PackLinks } from './pack-links.ts'
import { PackParser } from './pack-parse.ts'
import { createPackContext, PackFile } from './pack-read.ts'
import { type ObjectListener, PackResolver } from './pack-resolve.ts'
import type { PackSet } from './pack-set.ts'
import { PACKED_TYPES, type PackTable } from './pack-table.ts'
import { formatEntryHeader, formatPackHeader } from './pack-write.ts'
import { removeQuietly } from './remove-quietly.ts'

const CONTENT_BYTES = 48 << 20
const COPY_BYTES = 1 << 20
const FILE_MODE = 0o444

/** Where a pack is received. */
export interface ReceiveContext {
  readonly fs: FileSystem
  readonly platform: ObjectStorePlatform & Pick<Platform, 'timers'>
  /** The repository's folder `objects`. */
  readonly path: string
  /** The objects that are there already; deltas may build on them. */
  readonly objects: Pick<ObjectStore, 'read' | 'listHeld'>
}

/** How a pack is received. */
export interface ReceiveOptions {
  /** Hears of progress. Default: nobody. */
  readonly onProgress?: (progress: ReceiveProgress) => void
  /**
   * How many bytes of inflated objects are kept for the deltas that build on them, and as many again for
   * long chains of these. Default: 48 MB.
   */
  readonly keptBytes?: number
  /** What of them is kept stays in memory for a while unless these are more bytes. Default: it stays. */
  readonly heldBytes?: number | undefined
  /** Hears of each object as it comes, before the pack is known to be whole. Default: nobody. */
  readonly onObject?: ObjectListener | undefined
  /** Returns what to wait for before more is taken of the stream. Default: nothing. */
  readonly drain?: (() => Promise<void> | undefined) | undefined
  /** Default: none. */
  readonly signal?: AbortSignal
}

export interface ReceiveProgress {
  readonly receivedBytes: number
  readonly objects: number
  /** How many objects there will be; `undefined` before the pack has begun. */
  readonly total: number | undefined
}

/**
 * A pack that was received whole and that nobody sees yet: neither this program nor git.
 *
 * One of `accept` and `discard` is to be called.
 */
export interface ReceivedPack {
  readonly count: number
  readonly receivedBytes: number
  has(oid: Oid): boolean
  read(oid: Oid): Promise<GitObject | undefined>
  /**
   * Lists what its objects name that does not lie in it.
   *
   * @throws GIT_OBJECT_TYPE if what does is of another type than it must be.
   */
  outside(): readonly Link[]
  /**
   * Puts the pack among the others, durably, and out of reach of clean-ups until `release`. With
   * `promisor`, what its objects name may be missing here: it was left at a remote, whose refs are given.
   * It is among `packs` then, which for a while need not read what is still in memory.
   */
  accept(options?: { readonly promisor?: string; readonly packs?: PackSet }): Promise<HeldObjects>
  discard(): Promise<void>
}

/**
 * Receives a pack into a file, indexes it in one pass and completes it with the bases of deltas that
 * it leaves out, as `git index-pack --fix-thin` does. Nothing is left of a pack that is damaged.
 *
 * @throws GIT_PACK_DAMAGED, GIT_OBJECT_COLLISION, and whatever the stream throws.
 */
export async function receivePack(
  context: ReceiveContext,
  chunks: AsyncIterable<Uint8Array>,
  options: ReceiveOptions = {}
): Promise<ReceivedPack> {
  const token = formatHex(context.platform.random.bytes(10))
  const path = `${context.path}/pack/tmp_pack_${token}`
  await context.fs.makeFolder(`${context.path}/pack`)
  try {
    return await receive(context, path, chunks, options)
  } catch (error) {
    await removeQuietly(context.fs, [`${path}.pack`, `${path}.thin`])
    throw error
  }
}

async function receive(
  context: ReceiveContext,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  options: ReceiveOptions
): Promise<ReceivedPack> {
  const { fs, platform } = context
  const file = `${path}.pack`
  const parser = new PackParser(platform, file, (number, bytes) => resolver.take(number, bytes))
  const { table, baseNames } = parser
  const links = new PackLinks()
  const content = new PackContent(options.keptBytes ?? CONTENT_BYTES)
  const resolver = new PackResolver({
    hash: platform.hash,
    path: file,
    table,
    baseNames,
    content,
    links,
    onObject: options.onObject
  })
  const receivedBytes = await writeStream(fs, file, chunks, parser, options)
  let checksum = parser.finish()
  const reader = new EntryReader(fs, platform.zlib, file, table)
  const outside = await resolver.finish({
    readEntry: (number) => reader.read(number),
    readOutside: (oid) => context.objects.read(oid),
    signal: options.signal
  })
  if (outside.length > 0) checksum = await completePack(context, path, table, outside)
  const bytes = table.formatIndex(checksum, platform.hash)
  const index = new PackIndex(bytes, `${path}.idx`)
  const pack = new PackFile(path, index, createPackContext(fs, platform))
  const ownOids = new Set(outside.map(({ oid }) => oid))
  await checkCollisions(pack, context.objects, { ownOids, signal: options.signal })
  if (content.keptBytes <= (options.heldBytes ?? Number.POSITIVE_INFINITY)) {
    keepObjects(pack, { table, content }, platform.timers)
  }
  return openReceived(context, path, { pack, index: bytes, checksum, receivedBytes, table, links })
}

async function writeStream(
  fs: FileSystem,
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  parser: PackParser,
  options: ReceiveOptions
): Promise<number> {
  const output = await fs.openAppend(file)
  let receivedBytes = 0
  try {
    for await (const chunk of chunks) {
      options.signal?.throwIfAborted()
      output.append(chunk)
      parser.push(chunk)
      const drained = options.drain?.()
      if (drained !== undefined) await drained
      receivedBytes += chunk.length
      options.onProgress?.({
        receivedBytes,
        objects: parser.table.count,
        total: parser.count
      })
    }
    await output.sync()
  } finally {
    await output.close()
  }
  return receivedBytes
}

/**
 * Writes the pack anew with further objects at its end, since the number at its head changes; returns
 * its checksum.
 */
async function completePack(
  { fs, platform }: ReceiveContext,
  path: string,
  table: PackTable,
  outside: readonly GitObject[]
): Promise<Uint8Array> {
  const { end } = table
  const output = await fs.openAppend(`${path}.thin`)
  const digest = platform.hash.openSha1()
  let checksum: Uint8Array
  try {
    const append = (bytes: Uint8Array): void => {
      digest.update(bytes)
      output.append(bytes)
    }
    append(formatPackHeader(table.count + outside.length))
    for (let at = 12; at < end; at += COPY_BYTES) {
      const length = Math.min(COPY_BYTES, end - at)
      append((await fs.readRange(`${path}.pack`, at, length)) ?? new Uint8Array())
    }
    for (const { oid, type, bytes } of outside) {
      const header = formatEntryHeader(type, bytes.length)
      const entry = concatBytes([header, platform.zlib.deflate(bytes)])
      append(entry)
      const kind = PACKED_TYPES.indexOf(type)
      const number = table.add(kind, -1, crc32(entry), table.end + entry.length)
      table.names.set(parseHex(oid), number * 20)
    }
    checksum = digest.finish()
    output.append(checksum)
    await output.sync()
  } finally {
    await output.close()
  }
  await fs.rename(`${path}.thin`, `${path}.pack`)
  return checksum
}

function openReceived(
  { fs, platform, path: folder }: ReceiveContext,
  path: string,
  received: {
    readonly pack: PackFile
    readonly index: Uint8Array
    readonly checksum: Uint8Array
    readonly receivedBytes: number
    readonly table: PackTable
    readonly links: PackLinks
  }
): ReceivedPack {
  const { pack: file, checksum } = received
  const { index } = file
  return {
    count: index.count,
    receivedBytes: received.receivedBytes,
    has: (oid) => index.find(oid) >= 0,
    outside: () => listOutside(received.table, received.links),
    async read(oid) {
      const position = index.find(oid)
      return position < 0 ? undefined : (keptObject(file, position, oid) ?? file.read(position))
    },
    async accept({ promisor, packs } = {}) {
      const random = platform.random.bytes(10)
      const name = `${folder}/pack/pack-${formatHex(platform.hash.sha1(checksum, random))}`
      const keep = `${name}.keep`
      const line = encodeUtf8(`runtree ${JSON.stringify(platform.processes.self)}\n`)
      try {
        await fs.create(keep, line)
        // As the index, it must be there before git or others look at the pack.
        if (promisor !== undefined) {
          const file = `${name}.promisor`
          await fs.create(file, encodeUtf8(promisor), { sync: true, mode: FILE_MODE })
        }
        await fs.create(indexPath(path), received.index, { sync: true, mode: FILE_MODE })
        // Who may read it was decided when it was made; nobody may write it from here on.
        const made = (await fs.stat(`${path}.pack`))?.mode ?? FILE_MODE
        await fs.setMode(`${path}.pack`, made & FILE_MODE)
        await fs.rename(`${path}.pack`, `${name}.pack`)
        await fs.rename(indexPath(path), `${name}.idx`)
        await fs.syncFolder(`${folder}/pack`)
        packs?.take(name.slice(name.lastIndexOf('/') + 1), file)
      } catch (error) {
        const endings = ['.idx', '.pack', '.promisor', '.keep']
        await removeQuietly(fs, [`${path}.pack`, indexPath(path), ...endings.map((e) => name + e)])
        throw error
      }
      return { release: async () => void (await fs.remove(keep)) }
    },
    discard: () => removeQuietly(fs, [`${path}.pack`, indexPath(path)])
  }
}

/** Where the index of a received pack is written first: git takes any file that ends in `.idx` for one. */
function indexPath(path: string): string {
  return path.replace(/tmp_pack_(?=[^/]*$)/, 'tmp_idx_')
}

function listOutside(table: PackTable, links: PackLinks): readonly Link[] {
  const inside = new NameSet()
  const kinds: number[] = []
  for (let number = 0; number < table.count; number++) {
    kinds[inside.add(table.names, number * 20)] = table.kinds[number] as number
  }
  const outside: Link[] = []
  for (let number = 0; number < links.count; number++) {
    const { bytes, at, type } = links.at(number)
    const found = kinds[inside.find(bytes, at)]
    if (found === undefined) outside.push(links.linkAt(number))
    else if (found !== type) {
      const { oid, type: expected } = links.linkAt(number)
      const data = { oid, expected, found: PACKED_TYPES[found] as ObjectType }
      throw gitErrors.create('GIT_OBJECT_TYPE', data)
    }
  }
  return outside
}
