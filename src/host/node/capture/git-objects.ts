import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { compareBytes, concatBytes, encodeUtf8, formatHex, parseHex } from '../../../base/bytes.ts'

export type ObjectFormat = 'sha1' | 'sha256'

/** A file of a tree by its path. */
export interface TreeFile {
  readonly path: string
  readonly mode: '100644' | '100755' | '120000'
  readonly blobOid: string
}

/** Returns the name that git gives to an object. */
export function hashObject(
  type: 'blob' | 'tree',
  bytes: Uint8Array,
  format: ObjectFormat = 'sha1'
): string {
  return createHash(format).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
}

/** Returns the name that git gives to the tree of some files, with folders for their slashes. */
export function hashTree(files: readonly TreeFile[], prefix = ''): string {
  const entries = new Map<string, { mode: string; oid: string; sortKey: Uint8Array }>()
  for (const { path, mode, blobOid } of files) {
    const rest = path.slice(prefix.length)
    const slash = rest.indexOf('/')
    const name = slash < 0 ? rest : rest.slice(0, slash)
    if (entries.has(name)) continue
    if (slash < 0) {
      entries.set(name, { mode, oid: blobOid, sortKey: encodeUtf8(name) })
    } else {
      const folder = `${prefix}${name}/`
      const inside = files.filter((file) => file.path.startsWith(folder))
      // Git orders a folder as if its name ended in a slash.
      const sortKey = encodeUtf8(`${name}/`)
      entries.set(name, { mode: '40000', oid: hashTree(inside, folder), sortKey })
    }
  }
  const ordered = [...entries].sort(([, a], [, b]) => compareBytes(a.sortKey, b.sortKey))
  const bytes = ordered.flatMap(([name, { mode, oid }]) => [
    encodeUtf8(`${mode} ${name}\0`),
    parseHex(oid)
  ])
  return hashObject('tree', concatBytes(bytes))
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
