import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'

/** The numbers that packs have for types of entries (gitformat-pack(5)). */
export const [COMMIT, TREE, BLOB, TAG, OFS, REF] = [1, 2, 3, 4, 6, 7] as const

/** An entry of a pack, as it shall be, right or wrong. */
export interface CraftedEntry {
  readonly kind: number
  readonly content: Uint8Array
  /** What it says its length is. Default: the content's. */
  readonly size?: number
  /** What lies between its head and its content: a distance or a name. Default: nothing. */
  readonly base?: Uint8Array
  /** Default: the content, deflated. */
  readonly deflated?: Uint8Array
}

/** What of a pack is not as it should be. */
export interface CraftedPack {
  /** How many entries it says it has. Default: as many as it has. */
  readonly count?: number
  readonly version?: number
  /** Default: the SHA-1 of what precedes it. */
  readonly checksum?: Uint8Array
  /** Default: nothing. */
  readonly trailing?: Uint8Array
}

export function formatEntry({ kind, content, size, base, deflated }: CraftedEntry): Buffer {
  const head: number[] = []
  let left = size ?? content.length
  let byte = (kind << 4) | (left & 15)
  for (left = Math.floor(left / 16); left > 0; left = Math.floor(left / 128)) {
    head.push(byte | 0x80)
    byte = left & 0x7f
  }
  head.push(byte)
  const body = deflated ?? deflateSync(content)
  return Buffer.concat([Uint8Array.from(head), base ?? new Uint8Array(), body])
}

export function formatPackHeader(count: number, version = 2): Buffer {
  const head = Buffer.alloc(12)
  head.write('PACK')
  head.writeUInt32BE(version, 4)
  head.writeUInt32BE(count, 8)
  return head
}

export function formatCrafted(entries: readonly Uint8Array[], pack: CraftedPack = {}): Buffer {
  const header = formatPackHeader(pack.count ?? entries.length, pack.version)
  const body = Buffer.concat([header, ...entries])
  const checksum = pack.checksum ?? createHash('sha1').update(body).digest()
  return Buffer.concat([body, checksum, pack.trailing ?? new Uint8Array()])
}

/** Formats how far back the base of a delta lies. */
export function formatDistance(distance: number): Uint8Array {
  const bytes = [distance & 0x7f]
  for (let left = distance >> 7; left > 0; left >>= 7) bytes.unshift(0x80 | (--left & 0x7f))
  return Uint8Array.from(bytes)
}

export function formatSize(size: number): number[] {
  const bytes: number[] = []
  let left = size
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
  return [...bytes, left]
}

export function nameOf(type: string, content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')
}

export function binaryName(type: string, content: Uint8Array): Buffer {
  return Buffer.from(nameOf(type, content), 'hex')
}

/** A commit with a tree, of the files given: all that a branch needs. */
export function formatHistory(files: readonly { readonly name: string; readonly oid: string }[]): {
  readonly entries: readonly Buffer[]
  readonly head: string
} {
  const tree = Buffer.concat(
    files.map(({ name, oid }) =>
      Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(oid, 'hex')])
    )
  )
  const author = 'Ada <ada@example.org> 1700000000 +0000'
  const text = `tree ${nameOf('tree', tree)}\nauthor ${author}\ncommitter ${author}\n\nx\n`
  const commit = Buffer.from(text)
  return {
    entries: [
      formatEntry({ kind: COMMIT, content: commit }),
      formatEntry({ kind: TREE, content: tree })
    ],
    head: nameOf('commit', commit)
  }
}
