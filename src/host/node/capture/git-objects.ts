import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { concatBytes, encodeUtf8, formatHex } from '../../../base/bytes.ts'
import type { RawText } from './git-program.ts'

export type ObjectFormat = 'sha1' | 'sha256'

/** A file of a tree. */
export interface TreeFile {
  readonly path: RawText
  readonly mode: string
  readonly oid: string
}

/** Returns the name that git gives to an object. */
export function hashObject(
  type: 'blob' | 'tree',
  bytes: Uint8Array,
  format: ObjectFormat = 'sha1'
): string {
  return createHash(format).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
}

/**
 * Returns the name that git gives to the tree of some files, with folders for their slashes.
 *
 * @param files in the order of their paths' bytes, in which the contents of a folder lie together, and
 *   in the order that a tree demands.
 */
export function hashTree(files: readonly TreeFile[], format: ObjectFormat = 'sha1'): string {
  let next = 0
  const hashFolder = (prefix: string): string => {
    const entries: TreeEntry[] = []
    for (let file = files[next]; file?.path.startsWith(prefix); file = files[next]) {
      const slash = file.path.indexOf('/', prefix.length)
      if (slash < 0) {
        entries.push({ head: `${file.mode} ${file.path.slice(prefix.length)}\0`, oid: file.oid })
        next++
      } else {
        const name = file.path.slice(prefix.length, slash)
        entries.push({ head: `40000 ${name}\0`, oid: hashFolder(file.path.slice(0, slash + 1)) })
      }
    }
    return hashObject('tree', formatTree(entries), format)
  }
  return hashFolder('')
}

interface TreeEntry {
  readonly head: RawText
  readonly oid: string
}

function formatTree(entries: readonly TreeEntry[]): Uint8Array {
  const size = entries.reduce((sum, { head, oid }) => sum + head.length + oid.length / 2, 0)
  const bytes = Buffer.allocUnsafe(size)
  let offset = 0
  for (const { head, oid } of entries) {
    offset += bytes.write(head, offset, 'latin1')
    offset += bytes.write(oid, offset, 'hex')
  }
  return bytes
}

/** Writes a blob as a loose object; returns its name. */
export async function writeBlob(
  objectFolder: string,
  bytes: Uint8Array,
  format: ObjectFormat
): Promise<string> {
  const oid = hashObject('blob', bytes, format)
  const file = join(objectFolder, oid.slice(0, 2), oid.slice(2))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, deflateSync(concatBytes([encodeUtf8(`blob ${bytes.length}\0`), bytes])))
  return oid
}

/** Returns the SHA-256 of a file and its size. */
export async function digestFile(
  file: string,
  signal?: AbortSignal
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const digest = createHash('sha256')
  let sizeBytes = 0
  for await (const bytes of createReadStream(file, signal ? { signal } : {})) {
    digest.update(bytes)
    sizeBytes += bytes.length
  }
  return { sha256: formatHex(digest.digest()), sizeBytes }
}
