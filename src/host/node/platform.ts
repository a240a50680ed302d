import { createHash, randomBytes } from 'node:crypto'
import { constants, deflateSync, inflateSync } from 'node:zlib'

import type { Digest, Hash, Platform, Timers, Zlib } from '../../base/platform.ts'
import { createNodeProcesses } from './processes.ts'

/** Returns what the core needs of Node and of this machine. */
export function createNodePlatform(): Platform {
  return {
    clock: { now: () => Date.now() },
    random: { bytes: (count) => viewOf(randomBytes(count)) },
    hash: nodeHash,
    zlib: nodeZlib,
    timers: nodeTimers,
    processes: createNodeProcesses()
  }
}

export const nodeHash: Hash = {
  sha1: (...parts) => digest('sha1', parts),
  sha256: (...parts) => digest('sha256', parts),
  openSha1: () => openDigest('sha1'),
  openSha256: () => openDigest('sha256')
}

export const nodeZlib: Zlib = {
  deflate(bytes) {
    // A small window spares most of what a stream costs to set up; any inflater reads it.
    const small = bytes.length <= 4096
    const options = small ? { windowBits: 12, memLevel: 5 } : {}
    return viewOf(deflateSync(bytes, { ...options, chunkSize: Math.max(512, bytes.length >> 1) }))
  },
  inflate(bytes, maxBytes) {
    return viewOf(
      inflateSync(bytes, {
        chunkSize: Math.max(constants.Z_MIN_CHUNK, Math.min(maxBytes, 1 << 20)),
        maxOutputLength: Math.max(1, maxBytes)
      })
    )
  },
  inflatePart(bytes, maxBytes) {
    try {
      const { buffer, engine } = inflateSync(bytes, {
        info: true,
        chunkSize: Math.max(constants.Z_MIN_CHUNK, Math.min(maxBytes, 1 << 20)),
        maxOutputLength: Math.max(1, maxBytes)
      }) as unknown as { readonly buffer: Buffer; readonly engine: { bytesWritten: number } }
      return { bytes: viewOf(buffer), usedBytes: engine.bytesWritten }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR')
        return undefined
      throw error
    }
  }
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

function openDigest(algorithm: string): Digest {
  const hash = createHash(algorithm)
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => viewOf(hash.digest())
  }
}

function digest(algorithm: string, parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return viewOf(hash.digest())
}

function viewOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
