import { sha1 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Digest, Hash } from '../../base/platform.ts'

/** Smaller parts are joined first: a digest in one call costs half of one that is begun and fed. */
const JOINED_BYTES = 16 << 10
const joined = new Uint8Array(JOINED_BYTES)

type Algorithm = typeof sha1 | typeof sha256

/** Digests in plain JavaScript: the browser's own are asynchronous, which costs more than a digest. */
export const browserHash: Hash = {
  sha1: (...parts) => digest(sha1, parts),
  sha256: (...parts) => digest(sha256, parts),
  openSha1: () => openDigest(sha1),
  openSha256: () => openDigest(sha256)
}

function digest(algorithm: Algorithm, parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return algorithm(only)
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  if (size > JOINED_BYTES) {
    const state = algorithm.create()
    for (const part of parts) state.update(part)
    return state.digest()
  }
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return algorithm(joined.subarray(0, size))
}

function openDigest(algorithm: Algorithm): Digest {
  const state = algorithm.create()
  return {
    update: (bytes) => void state.update(bytes),
    finish: () => state.digest()
  }
}
