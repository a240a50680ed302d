import { concatBytes } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { gitErrors } from './errors.ts'
import {
  formatObjectHeader,
  type GitObject,
  MAX_OBJECT_BYTES,
  type NewObject,
  type ObjectType,
  type Oid
} from './objects.ts'

/** No header is longer. */
const HEADER_BYTES = 32
const HEADER = /^(blob|tree|commit|tag) (0|[1-9]\d*)$/

/** Returns where an object lies in a folder of objects when it is loose. */
export function loosePath(folder: string, oid: Oid): string {
  return `${folder}/${oid.slice(0, 2)}/${oid.slice(2)}`
}

/** Formats an object as a loose file. */
export function formatLoose(object: NewObject, zlib: Platform['zlib']): Uint8Array {
  const header = formatObjectHeader(object.type, object.bytes.length)
  return zlib.deflate(concatBytes([header, object.bytes]))
}

/**
 * Reads a loose object; `undefined` if there is none.
 *
 * @throws GIT_OBJECT_DAMAGED
 */
export function readLoose(
  fs: FileSystem,
  platform: Pick<Platform, 'hash' | 'zlib'>,
  folder: string,
  oid: Oid
): Promise<GitObject | undefined> {
  return readLooseFile(fs, platform, loosePath(folder, oid), oid)
}

/** Reads a file as the loose object of a name; `undefined` if there is none. @throws GIT_OBJECT_DAMAGED */
export async function readLooseFile(
  fs: Pick<FileSystem, 'read'>,
  platform: Pick<Platform, 'hash' | 'zlib'>,
  where: string,
  oid: Oid
): Promise<GitObject | undefined> {
  const deflated = await fs.read(where)
  if (deflated === undefined) return undefined
  const damaged = (reason: string, cause?: unknown): Error =>
    gitErrors.create('GIT_OBJECT_DAMAGED', { oid, where, reason }, cause)
  let raw: Uint8Array
  try {
    raw = platform.zlib.inflate(deflated, MAX_OBJECT_BYTES + HEADER_BYTES)
  } catch (cause) {
    throw damaged('it cannot be inflated', cause)
  }
  const end = raw.indexOf(0)
  const match = HEADER.exec(String.fromCharCode(...raw.subarray(0, Math.min(Math.max(end, 0), 64))))
  if (match === null) throw damaged('it has no header')
  const bytes = raw.subarray(end + 1)
  if (bytes.length !== Number(match[2])) throw damaged('it is not as long as it says')
  if (platform.hash.sha1Hex(raw) !== oid) throw damaged('its bytes have another name')
  return { oid, type: match[1] as ObjectType, bytes }
}
