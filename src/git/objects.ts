import { encodeUtf8 } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'

/** The name of an object: the 40 hexadecimal digits of its SHA-1. */
export type Oid = string & { readonly __brand?: 'Oid' }

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag'

/** An object as it was stored, without its header. Its bytes may be shared: nobody changes them. */
export interface GitObject {
  readonly oid: Oid
  readonly type: ObjectType
  readonly bytes: Uint8Array
  /** Whether it is a commit whose parents were never brought here. Default: false. */
  readonly isEdge?: boolean
}

/** An object to be stored, with its name already computed. */
export type NewObject = GitObject

/** Larger objects are refused: with a file of half a megabyte somebody could make them. */
export const MAX_OBJECT_BYTES = 500_000_000

/** Larger trees are refused, and larger commits and tags: they are taken apart in memory. */
export const MAX_TREE_BYTES = 100_000_000
export const MAX_COMMIT_BYTES = 10_000_000

/** The name of the tree without entries. */
export const EMPTY_TREE: Oid = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** Tells whether a text is the name of an object in full. */
export function isOid(text: string): text is Oid {
  return /^[0-9a-f]{40}$/.test(text)
}

/** Returns what precedes an object's bytes when its name is computed and when it lies loose. */
export function formatObjectHeader(type: ObjectType, sizeBytes: number): Uint8Array {
  const known = HEADERS[type][sizeBytes]
  if (known !== undefined) return known
  const header = encodeUtf8(`${type} ${sizeBytes}\0`)
  if (sizeBytes < KEPT_HEADERS) HEADERS[type][sizeBytes] = header
  return header
}

/** Most objects are small, and many are of one size. */
const KEPT_HEADERS = 4096
const HEADERS: Readonly<Record<ObjectType, (Uint8Array | undefined)[]>> = {
  blob: [],
  tree: [],
  commit: [],
  tag: []
}

/** Returns the name of an object. */
export function computeOid(hash: Hash, type: ObjectType, bytes: Uint8Array): Oid {
  return hash.sha1Hex(formatObjectHeader(type, bytes.length), bytes)
}

/** Makes an object that can be stored, under its name. */
export function createObject(hash: Hash, type: ObjectType, bytes: Uint8Array): NewObject {
  return { oid: computeOid(hash, type, bytes), type, bytes }
}
