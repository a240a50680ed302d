import { constants, createInflate, inflateSync } from 'node:zlib'
import type { InflatedPart } from '../../base/platform.ts'

/** Larger objects are inflated by a stream of their own: beside them, what that costs is nothing. */
const MAX_SHARED_BYTES = 256 << 10
/** So few deflated bytes seldom become more; and a stream of its own that fails is never freed by Node. */
const PROBABLY_SMALL_BYTES = 32 << 10

/**
 * Room behind what may come out: only so is the end of the stream told from the end of the room, and
 * zlib takes a slower way where less than 258 bytes are left.
 */
const SPARE_BYTES = 512

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

interface Failure {
  readonly message: string
  readonly code: string
}

/** One of zlib's streams, used again and again. */
interface Shared {
  /** What comes out of it. */
  readonly output: Uint8Array
  /** How many bytes it took of what it was given last. */
  usedBytes: number
  /** Inflates into the output; returns how many bytes, -1 if the stream is cut short. */
  run(bytes: Uint8Array, start: number, maxBytes: number): number
}

/** `null` where this Node has not what it needs. */
let shared: Shared | null | undefined

/**
 * Inflates the stream that `bytes` begins with; `undefined` if they end before it does. What is returned
 * is overwritten by the next call.
 *
 * Most objects of git are of some hundred bytes, for which the making of a stream takes three quarters
 * of the time: one is kept and used again, where this Node has what that needs.
 */
export function inflatePart(bytes: Uint8Array, maxBytes: number): InflatedPart | undefined {
  const stream = maxBytes > MAX_SHARED_BYTES ? null : findShared()
  if (stream === null) return inflateAlone(bytes, maxBytes)
  const length = stream.run(bytes, 0, maxBytes)
  if (length < 0) return undefined
  return { bytes: stream.output.subarray(0, length), usedBytes: stream.usedBytes }
}

/** Inflates the stream that begins at `start`; what is returned is the caller's. */
export function inflate(bytes: Uint8Array, maxBytes: number, start = 0): Uint8Array {
  // Node ends the process if it is asked for what lies outside.
  if (start >= bytes.length) return refuse()
  const stream = findShared()
  const isSmall = maxBytes <= MAX_SHARED_BYTES
  if (stream !== null && (isSmall || bytes.length - start <= PROBABLY_SMALL_BYTES)) {
    try {
      const length = stream.run(bytes, start, Math.min(maxBytes, MAX_SHARED_BYTES))
      return length < 0 ? refuse() : stream.output.slice(0, length)
    } catch (error) {
      if (isSmall || !(error instanceof RangeError)) throw error
    }
  }
  const large = inflateAlone(bytes.subarray(start), maxBytes)?.bytes ?? refuse()
  // What is kept of little would keep the room for much.
  return large.buffer.byteLength > 2 * large.length ? large.slice() : large
}

function refuse(): never {
  throw Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' })
}

function findShared(): Shared | null {
  if (shared === undefined) shared = tryShared()
  return shared
}

/** Returns a stream to use again and again, if that works here. */
function tryShared(): Shared | null {
  try {
    const stream = openShared()
    const sample = Uint8Array.of(0, 120, 156, 75, 76, 74, 6, 0, 2, 77, 1, 39, 99)
    const isRight = (): boolean =>
      stream.run(sample, 1, 3) === 3 &&
      stream.usedBytes === 11 &&
      String.fromCharCode(...stream.output.subarray(0, 3)) === 'abc'
    const isCut = stream.run(sample.subarray(0, 11), 1, 3) === -1
    return isRight() && isCut && throwsRange(stream, sample) && isRight() ? stream : null
  } catch {
    return null
  }
}

function throwsRange(stream: Shared, sample: Uint8Array): boolean {
  try {
    stream.run(sample, 1, 2)
    return false
  } catch (error) {
    return error instanceof RangeError
  }
}

function openShared(): Shared {
  const engine = createInflate() as unknown as { _handle: Handle; _writeState: Uint32Array }
  const { _handle: handle, _writeState: state } = engine
  const output = new Uint8Array(MAX_SHARED_BYTES + SPARE_BYTES)
  let failed: Failure | undefined
  handle.onerror = (message, _errno, code) => {
    failed = { message, code }
  }
  const run = (bytes: Uint8Array, start: number, maxBytes: number): number => {
    failed = undefined
    handle.reset()
    const length = bytes.length - start
    const given = maxBytes + SPARE_BYTES
    handle.writeSync(constants.Z_FINISH, bytes, start, length, output, 0, given)
    const failure = failed as Failure | undefined
    if (failure?.code === 'Z_BUF_ERROR') return -1
    if (failure !== undefined)
      throw Object.assign(new Error(failure.message), { code: failure.code })
    const size = given - (state[0] as number)
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes come out`)
    stream.usedBytes = length - (state[1] as number)
    return size
  }
  const stream: Shared = { output, usedBytes: 0, run }
  return stream
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
