import { concatBytes, encodeUtf8, formatHex } from '../base/bytes.ts'
import type { FileSystem } from '../base/platform.ts'
import { ByteCache } from './byte-cache.ts'
import { crc32 } from './crc32.ts'
import { gitErrors } from './errors.ts'
import type { HeldObjects, ObjectReader } from './object-store.ts'
import type { ObjectStorePlatform } from './object-write.ts'
import type { GitObject, Oid } from './objects.ts'
import { formatPackIndex, PackIndex } from './pack-index.ts'
import { PackParser, type ParsedEntry } from './pack-parse.ts'
import { createPackContext, PackFile } from './pack-read.ts'
import { type ResolvedEntry, resolvePack } from './pack-resolve.ts'
import { formatEntryHeader, formatPackHeader } from './pack-write.ts'

const WINDOW_BYTES = 1 << 20
/** Inflated entries up to so many bytes are kept for the deltas that need them. */
const KEPT_BYTES = 48 << 20
/** Commits and trees up to so many bytes are kept for the check that they are complete. */
const WALKED_BYTES = 32 << 20
const FILE_MODE = 0o444

/** Where a pack is received. */
export interface ReceiveContext {
  readonly fs: FileSystem
  readonly platform: ObjectStorePlatform
  /** The repository's folder `objects`. */
  readonly path: string
  /** The objects that are there already; deltas may build on them. */
  readonly objects: ObjectReader
}

/** How a pack is received. */
export interface ReceiveOptions {
  /** Hears of progress. Default: nobody. */
  readonly onProgress?: (progress: ReceiveProgress) => void
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
  /** Puts the pack among the others, durably, and out of reach of clean-ups until `release`. */
  accept(): Promise<HeldObjects>
  discard(): Promise<void>
}

/**
 * Receives a pack into a file, indexes it in one pass and completes it with the bases of deltas that
 * it leaves out, as `git index-pack --fix-thin` does. Nothing is left of a pack that is damaged.
 *
 * @throws GIT_PACK_DAMAGED, and whatever the stream throws.
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
  const kept = new ByteCache<Uint8Array>(KEPT_BYTES)
  const walked = new ByteCache<GitObject>(WALKED_BYTES)
  const keep = (object: GitObject): void => {
    if (object.type !== 'blob') walked.set(object.oid, object, object.bytes.length + 200)
  }
  const parser = new PackParser(platform, `${path}.pack`, (entry, bytes) => {
    if (bytes.length <= WINDOW_BYTES) kept.set(`${entry.offset}`, bytes, bytes.length + 64)
    if ('oid' in entry.content) keep({ ...entry.content, bytes })
  })
  const receivedBytes = await writeStream(fs, `${path}.pack`, chunks, parser, options)
  let checksum = parser.finish()
  const reader = new EntryReader(context, `${path}.pack`, kept)
  const pack = await resolvePack(
    {
      hash: platform.hash,
      path: `${path}.pack`,
      readEntry: (entry) => reader.read(entry),
      onObject: keep,
      readOutside: (oid) => context.objects.read(oid)
    },
    parser.entries
  )
  let entries = pack.entries
  if (pack.outside.length > 0) {
    const end = parser.entries.at(-1)?.end ?? 12
    const fixed = await completePack(context, path, { entries, end, outside: pack.outside })
    entries = fixed.entries
    checksum = fixed.checksum
  }
  const index = formatPackIndex(entries, checksum, platform.hash)
  return openReceived(context, path, { index, checksum, receivedBytes, walked })
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
      receivedBytes += chunk.length
      options.onProgress?.({
        receivedBytes,
        objects: parser.entries.length,
        total: parser.count
      })
    }
    await output.sync()
  } finally {
    await output.close()
  }
  return receivedBytes
}

/** Reads entries of the pack that was just written, from memory where they still are. */
class EntryReader {
  readonly #context: ReceiveContext
  readonly #file: string
  readonly #kept: ByteCache<Uint8Array>
  #window: { readonly start: number; readonly bytes: Uint8Array } | undefined

  constructor(context: ReceiveContext, file: string, kept: ByteCache<Uint8Array>) {
    this.#context = context
    this.#file = file
    this.#kept = kept
  }

  async read(entry: ParsedEntry): Promise<Uint8Array> {
    const kept = this.#kept.get(`${entry.offset}`)
    if (kept !== undefined) return kept
    const raw = await this.#span(entry.offset, entry.end)
    let head = 0
    while ((raw[head++] as number) & 0x80);
    if ('base' in entry.content) {
      if (typeof entry.content.base === 'string') head += 20
      else while ((raw[head++] as number) & 0x80);
    }
    return this.#context.platform.zlib.inflate(raw.subarray(head), 2 ** 31)
  }

  async #span(start: number, end: number): Promise<Uint8Array> {
    let window = this.#window
    if (window === undefined || start < window.start || end > window.start + window.bytes.length) {
      const length = Math.max(WINDOW_BYTES, end - start)
      const bytes = await this.#context.fs.readRange(this.#file, start, length)
      if (bytes === undefined || bytes.length < end - start) {
        const data = { path: this.#file, reason: 'its file is gone' }
        throw gitErrors.create('GIT_PACK_DAMAGED', data)
      }
      window = { start, bytes }
      this.#window = window
    }
    return window.bytes.subarray(start - window.start, end - window.start)
  }
}

/** Writes the pack anew with further objects at its end; the number at its head changes with them. */
async function completePack(
  { fs, platform }: ReceiveContext,
  path: string,
  pack: {
    readonly entries: readonly ResolvedEntry[]
    readonly end: number
    readonly outside: readonly GitObject[]
  }
): Promise<{ readonly entries: readonly ResolvedEntry[]; readonly checksum: Uint8Array }> {
  const entries = [...pack.entries]
  const output = await fs.openAppend(`${path}.thin`)
  const digest = platform.hash.openSha1()
  let checksum: Uint8Array
  try {
    const append = (bytes: Uint8Array): void => {
      digest.update(bytes)
      output.append(bytes)
    }
    append(formatPackHeader(entries.length + pack.outside.length))
    for (let at = 12; at < pack.end; at += WINDOW_BYTES) {
      const length = Math.min(WINDOW_BYTES, pack.end - at)
      append((await fs.readRange(`${path}.pack`, at, length)) ?? new Uint8Array())
    }
    let offset = pack.end
    for (const { oid, type, bytes } of pack.outside) {
      const header = formatEntryHeader(type, bytes.length)
      const entry = concatBytes([header, platform.zlib.deflate(bytes)])
      append(entry)
      entries.push({ oid, type, offset, crc: crc32(entry) })
      offset += entry.length
    }
    checksum = digest.finish()
    output.append(checksum)
    await output.sync()
  } finally {
    await output.close()
  }
  await fs.rename(`${path}.thin`, `${path}.pack`)
  return { entries, checksum }
}

function openReceived(
  { fs, platform, path: folder }: ReceiveContext,
  path: string,
  pack: {
    readonly index: Uint8Array
    readonly checksum: Uint8Array
    readonly receivedBytes: number
    readonly walked: ByteCache<GitObject>
  }
): ReceivedPack {
  const index = new PackIndex(pack.index, `${path}.idx`)
  const file = new PackFile(path, index, createPackContext(fs, platform))
  return {
    count: index.count,
    receivedBytes: pack.receivedBytes,
    has: (oid) => index.find(oid) >= 0,
    async read(oid) {
      const object = pack.walked.get(oid)
      if (object !== undefined) return object
      const position = index.find(oid)
      return position < 0 ? undefined : file.read(position)
    },
    async accept() {
      const random = platform.random.bytes(10)
      const name = `${folder}/pack/pack-${formatHex(platform.hash.sha1(pack.checksum, random))}`
      const keep = `${name}.keep`
      const line = encodeUtf8(`runtree ${JSON.stringify(platform.processes.self)}\n`)
      try {
        await fs.create(keep, line)
        await fs.create(`${path}.idx`, pack.index, { sync: true, mode: FILE_MODE })
        // Who may read it was decided when it was made; nobody may write it from here on.
        const made = (await fs.stat(`${path}.pack`))?.mode ?? FILE_MODE
        await fs.setMode(`${path}.pack`, made & FILE_MODE)
        await fs.rename(`${path}.pack`, `${name}.pack`)
        await fs.rename(`${path}.idx`, `${name}.idx`)
        await fs.syncFolder(`${folder}/pack`)
      } catch (error) {
        const endings = ['.idx', '.pack', '.keep']
        await removeQuietly(fs, [`${path}.pack`, `${path}.idx`, ...endings.map((e) => name + e)])
        throw error
      }
      return { release: async () => void (await fs.remove(keep)) }
    },
    discard: () => removeQuietly(fs, [`${path}.pack`, `${path}.idx`])
  }
}

/** Cleans up after a failure, whose error is the one that counts. */
async function removeQuietly(fs: FileSystem, paths: readonly string[]): Promise<void> {
  await Promise.allSettled(paths.map((path) => fs.remove(path)))
}
