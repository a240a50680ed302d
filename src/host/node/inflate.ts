import { constants, createInflate, inflateSync } from 'node:zlib'
import type { InflatedPart } from '../../base/platform.ts'

/** Larger objects are inflated by a stream of their own: beside them, what that costs is nothing. */
const MAX_SHARED_BYTES = 256 << 10
/** So few deflated bytes seldom become more; and a stream of its own that fails is never freed by Node. */
const PROBABLY_SMALL_BYTES = 32 << 10

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

/** Inflates as `Zlib.inflatePart` does. */
type InflatePart = (bytes: Uint8Array, maxBytes: number) => InflatedPart | undefined

let shared: InflatePart | undefined

/**
 * Inflates the stream that `bytes` begins with; `undefined` if they end before it does. What is returned
 * is overwritten by the next call.
 *
 * Most objects of git are of some hundred bytes, for which the making of a stream takes three quarters
 * of the time: one is kept and used again, where this Node has what that needs.
 */
export function inflatePart(bytes: Uint8Array, maxBytes: number): InflatedPart | undefined {
  if (maxBytes > MAX_SHARED_BYTES) return inflateAlone(bytes, maxBytes)
  shared ??= tryShared() ?? inflateAlone
  return shared(bytes, maxBytes)
}

/** Inflates the stream that `bytes` begins with; what is returned is the caller's. */
export function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const isSmall = maxBytes <= MAX_SHARED_BYTES
  if (isSmall || bytes.length <= PROBABLY_SMALL_BYTES) {
    try {
      return whole(inflatePart(bytes, Math.min(maxBytes, MAX_SHARED_BYTES))).slice()
    } catch (error) {
      if (isSmall || !(error instanceof RangeError)) throw error
    }
  }
  const large = whole(inflateAlone(bytes, maxBytes))
  // What is kept of little would keep the room for much.
  return large.buffer.byteLength > 2 * large.length ? large.slice() : large
}

function whole(part: InflatedPart | undefined): Uint8Array {
  if (part !== undefined) return part.bytes
  throw Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' })
}

/** Returns a way to use one stream again and again, if it works here. */
function tryShared(): InflatePart | undefined {
  try {
    const inflate = openShared()
    const sample = Uint8Array.of(120, 156, 75, 76, 74, 6, 0, 2, 77, 1, 39, 99)
    const isRight = (): boolean => {
      const part = inflate(sample, 3)
      return part?.usedBytes === 11 && String.fromCharCode(...part.bytes) === 'abc'
    }
    const isCut = inflate(sample.subarray(0, 10), 3) === undefined
    return isRight() && isCut && throwsRange(inflate, sample) && isRight() ? inflate : undefined
  } catch {
    return undefined
  }
}

function throwsRange(inflate: InflatePart, sample: Uint8Array): boolean {
  try {
    inflate(sample, 2)
    return false
  } catch (error) {
    return error instanceof RangeError
  }
}

function openShared(): InflatePart {
  const stream = createInflate() as unknown as { _handle: Handle; _writeState: Uint32Array }
  const { _handle: handle, _writeState: state } = stream
  const output = new Uint8Array(MAX_SHARED_BYTES + 1)
  let failure: { readonly message: string; readonly code: string } | undefined
  handle.onerror = (message, _errno, code) => {
    failure = { message, code }
  }
  return (bytes, maxBytes) => {
    failure = undefined
    handle.reset()
    // One byte more than may come: only so is the end of the stream told from the end of the room.
    handle.writeSync(constants.Z_FINISH, bytes, 0, bytes.length, output, 0, maxBytes + 1)
    const { message, code } = failure ?? ({} as { message?: string; code?: string })
    if (code === 'Z_BUF_ERROR') return undefined
    if (code !== undefined) throw Object.assign(new Error(message), { code })
    const [room, left] = state as unknown as [number, number]
    if (room === 0) throw new RangeError(`more than ${maxBytes} bytes come out`)
    return { bytes: output.subarray(0, maxBytes + 1 - room), usedBytes: bytes.length - left }
  }
}

/** Returns how much room to begin with: most of what is read is small, whatever it may become. */
function roomFor(deflatedBytes: number): number {
  return Math.min(Math.max(deflatedBytes * 4, 1 << 16), 1 << 20)
}

function inflateAlone(bytes: Uint8Array, maxBytes: number): InflatedPart | undefined {
  try {
    const { buffer, engine } = inflateSync(bytes, {
      info: true,
      chunkSize: Math.max(constants.Z_MIN_CHUNK, Math.min(maxBytes, roomFor(bytes.length))),
      maxOutputLength: Math.max(1, maxBytes)
    }) as unknown as { readonly buffer: Buffer; readonly engine: { bytesWritten: number } }
    const view = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
    return { bytes: view, usedBytes: engine.bytesWritten }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR') return undefined
    throw error
  }
}
