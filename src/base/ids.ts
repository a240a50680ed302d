import { encodeUtf8 } from './bytes.ts'
import type { Hash, Random } from './platform.ts'

/** The alphabet of ids: no `i`, `l`, `o`, `u`, so that none is misread or spells a word. */
export const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz'

/** Characters of a run id: 60 bits. */
export const RUN_ID_LENGTH = 12

/** Characters of a writer's name: 30 bits. */
export const WRITER_LENGTH = 6

/** Formats the first `length * 5` bits of an array of bytes in base 32. */
export function formatBase32(bytes: Uint8Array, length: number): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5 && text.length < length) {
      bits -= 5
      text += BASE32[(buffer >> bits) & 31]
    }
  }
  return text
}

/** Returns a random id of `length` base-32 characters. */
export function randomId(random: Random, length: number): string {
  return formatBase32(random.bytes(Math.ceil((length * 5) / 8)), length)
}

/**
 * Returns the run id that a key stands for: the first 60 bits of SHA-256 of project id, experiment
 * slug and key with NUL between (docs/FORMAT.md, “Ids”).
 */
export function runIdOfKey(
  hash: Hash,
  key: { readonly projectId: string; readonly experiment: string; readonly key: string }
): string {
  const digest = hash.sha256(encodeUtf8(`${key.projectId}\0${key.experiment}\0${key.key}`))
  return formatBase32(digest, RUN_ID_LENGTH)
}
