import * as crypto from 'node:crypto'
import { gunzipSync } from 'node:zlib'

import { parseHex } from '../../base/bytes.ts'
import type { Digest, Hash, Platform, Timers, Zlib } from '../../base/platform.ts'
import { deflate } from './deflate.ts'
import { inflate, inflatePart } from './inflate.ts'
import { createNodeProcesses } from './processes.ts'

/** Returns what the core needs of Node and of this machine. */
export function createNodePlatform(): Platform {
  return {
    clock: { now: () => Date.now() },
    random: { bytes: randomBytes },
    hash: nodeHash,
    zlib: nodeZlib,
    timers: nodeTimers,
    processes: createNodeProcesses()
  }
}

export const nodeHash: Hash = {
  sha1: (...parts) => digest('sha1', parts),
  sha1Hex: (...parts) => digestHex('sha1', parts),
  sha256: (...parts) => digest('sha256', parts),
  openSha1: () => openDigest('sha1'),
  openSha256: () => openDigest('sha256')
}

export const nodeZlib: Zlib = {
  deflate,
  inflate,
  inflatePart,
  gunzip: (bytes, maxBytes) => gunzipSync(bytes, { maxOutputLength: maxBytes })
}

export const nodeTimers: Timers = {
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', abort, { once: true })
    })
  },
  every(ms, body) {
    const timer = setInterval(body, ms)
    timer.unref()
    return () => clearInterval(timer)
  }
}

const pool = new Uint8Array(4096)
let drawn = pool.length

/** Takes random bytes from a pool: one call of the system's generator costs as much for many. */
function randomBytes(count: number): Uint8Array {
  if (count > pool.length) return viewOf(crypto.randomBytes(count))
  if (drawn + count > pool.length) {
    crypto.randomFillSync(pool)
    drawn = 0
  }
  const bytes = pool.slice(drawn, drawn + count)
  pool.fill(0, drawn, drawn + count)
  drawn += count
  return bytes
}

function openDigest(algorithm: string): Digest {
  const hash = crypto.createHash(algorithm)
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => viewOf(hash.digest())
  }
}

/** Node's digest in one call, which spares most of what a small object costs; since Node 20.12. */
const hashAtOnce = (crypto as { hash?: (algorithm: string, data: Uint8Array, to: 'hex') => string })
  .hash
const joined = new Uint8Array(16 << 10)

function digest(algorithm: string, parts: readonly Uint8Array[]): Uint8Array {
  return parseHex(digestHex(algorithm, parts))
}

function digestHex(algorithm: string, parts: readonly Uint8Array[]): string {
  let size = 0
  for (const part of parts) size += part.length
  if (hashAtOnce !== undefined && size <= joined.length) {
    let at = 0
    for (const part of parts) {
      joined.set(part, at)
      at += part.length
    }
    return hashAtOnce(algorithm, joined.subarray(0, at), 'hex')
  }
  const hash = crypto.createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

function viewOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
