import { formatHex } from '../base/bytes.ts'
import type { FileSystem, Hash } from '../base/platform.ts'

/** What is known of content once it was written. */
export interface ContentInfo {
  /** 64 hexadecimal digits. */
  readonly sha256: string
  readonly sizeBytes: number
}

const CHUNK_BYTES = 1 << 20

/** Reads a file in chunks. @throws `ENOENT`-like errors of the platform; `undefined` chunks end it. */
export async function* readChunks(files: FileSystem, path: string): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; ) {
    const chunk = await files.readRange(path, offset, CHUNK_BYTES)
    if (chunk === undefined || chunk.length === 0) return
    yield chunk
    offset += chunk.length
  }
}

/** Writes content into a new file, durably, digesting it on the way; never all of it is in memory. */
export async function writeContent(
  files: FileSystem,
  hash: Hash,
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
): Promise<ContentInfo> {
  const digest = hash.openSha256()
  let sizeBytes = 0
  const file = await files.openAppend(path)
  try {
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a chunk of the content is no bytes')
      digest.update(chunk)
      file.append(chunk)
      sizeBytes += chunk.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: formatHex(digest.finish()), sizeBytes }
}

/** Returns where content lies beside the history, as git-lfs has it. */
export function lfsObjectPath(repositoryFolder: string, sha256: string): string {
  const folder = `${repositoryFolder}/lfs/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}`
  return `${folder}/${sha256}`
}

/**
 * Puts a finished file among the content beside the history, durably; the file itself may be removed
 * afterwards. Content that is there already stays.
 */
export async function addLfsObject(
  files: FileSystem,
  repositoryFolder: string,
  path: string,
  { sha256, sizeBytes }: ContentInfo
): Promise<void> {
  const target = lfsObjectPath(repositoryFolder, sha256)
  const folder = target.slice(0, target.lastIndexOf('/'))
  if ((await files.stat(target))?.sizeBytes === sizeBytes) return
  await files.makeFolder(folder)
  await files.remove(target)
  if (!(await linkOr(files, path, target))) {
    const temporary = `${target}.${path.slice(path.lastIndexOf('/') + 1)}.tmp`
    await files.remove(temporary)
    try {
      await copyFile(files, path, temporary)
      await files.rename(temporary, target)
    } catch (error) {
      await files.remove(temporary).catch(() => false)
      throw error
    }
  }
  for (
    let at = folder;
    at.length > repositoryFolder.length;
    at = at.slice(0, at.lastIndexOf('/'))
  ) {
    await files.syncFolder(at)
  }
}

async function copyFile(files: FileSystem, from: string, to: string): Promise<void> {
  const copy = await files.openAppend(to)
  try {
    for await (const chunk of readChunks(files, from)) copy.append(chunk)
    await copy.sync()
  } finally {
    await copy.close()
  }
}

/** Gives a file a second name; `false` where the file system has no such thing. */
async function linkOr(files: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    // Another process that adds the same content may have been faster, which is as good.
    return (await files.link(from, to)) || (await files.stat(to)) !== undefined
  } catch (error) {
    if ((await files.stat(from)) === undefined) throw error
    return false
  }
}
