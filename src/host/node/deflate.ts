import { constants, createDeflate, deflateSync, inflateSync } from 'node:zlib'

/** Larger objects are deflated by a stream of their own: beside them, what that costs is nothing. */
const MAX_SHARED_BYTES = 32 << 10

/** What lies below Node's stream: zlib itself. */
interface Handle {
  reset(): void
  writeSync(
    flush: number,
    input: Uint8Array,
    inputStart: number,
    inputLength: number,
    output: Uint8Array,
    outputStart: number,
    outputLength: number
  ): void
  onerror: (message: string, errno: number, code: string) => void
}

let shared: ((bytes: Uint8Array) => Uint8Array) | undefined

/**
 * Deflates bytes. For most objects of git the making of a stream takes a third of the time: one is kept
 * and used again, where this Node has what that needs.
 */
export function deflate(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_SHARED_BYTES) return deflateAlone(bytes)
  shared ??= tryShared() ?? deflateAlone
  return shared(bytes)
}

/** Returns a way to use one stream again and again, if it works here. */
function tryShared(): ((bytes: Uint8Array) => Uint8Array) | undefined {
  try {
    const deflateShared = openShared()
    const isRight = (sample: Uint8Array): boolean =>
      inflateSync(deflateShared(sample)).equals(sample) && deflateShared(sample).length < 100
    const samples = [new Uint8Array(1000).fill(97), new Uint8Array(0), Uint8Array.of(1, 2, 3)]
    return [...samples, ...samples].every(isRight) ? deflateShared : undefined
  } catch {
    return undefined
  }
}

function openShared(): (bytes: Uint8Array) => Uint8Array {
  const stream = createDeflate() as unknown as { _handle: Handle; _writeState: Uint32Array }
  const { _handle: handle, _writeState: state } = stream
  // What can't be compressed becomes little longer (zlib: 5 bytes for each 16 kB, and 6).
  const output = new Uint8Array(MAX_SHARED_BYTES + 1024)
  let failure: Error | undefined
  handle.onerror = (message, _errno, code) => {
    failure = Object.assign(new Error(message), { code })
  }
  return (bytes) => {
    failure = undefined
    handle.reset()
    handle.writeSync(constants.Z_FINISH, bytes, 0, bytes.length, output, 0, output.length)
    if (failure !== undefined) throw failure
    const [room, left] = state as unknown as [number, number]
    return room === 0 || left > 0 ? deflateAlone(bytes) : output.slice(0, output.length - room)
  }
}

function deflateAlone(bytes: Uint8Array): Uint8Array {
  const buffer = deflateSync(bytes, { chunkSize: Math.max(512, bytes.length >> 1) })
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
