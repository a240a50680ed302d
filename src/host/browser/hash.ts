import { sha256 } from '@noble/hashes/sha2.js'
import { formatHex } from '../../base/bytes.ts'
import type { Hash } from '../../base/platform.ts'
import { Sha1 } from './sha1.ts'

/** For digests in one call: to make a state takes as long as a small object. */
const shared = new Sha1()

/** Digests in plain JavaScript: the browser's own are asynchronous, which costs more than a digest. */
export const browserHash: Hash = {
  sha1(...parts) {
    for (const part of parts) shared.update(part)
    return shared.finish()
  },
  sha1Hex: (...parts) => formatHex(browserHash.sha1(...parts)),
  sha256(...parts) {
    const state = sha256.create()
    for (const part of parts) state.update(part)
    return state.digest()
  },
  openSha1: () => new Sha1(),
  openSha256() {
    const state = sha256.create()
    return {
      update: (bytes) => void state.update(bytes),
      finish: () => state.digest()
    }
  }
}
