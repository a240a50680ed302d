import { encodeUtf8, formatHex } from '../base/bytes.ts'
import { modelErrors } from '../model/errors.ts'

/** Bytes of the longest encoded segment; leaves room for `.ref.yaml` within 255. */
export const SEGMENT_MAX_BYTES = 200

/** Bytes of the longest encoded path. */
export const ENCODED_PATH_MAX_BYTES = 1000

const ALWAYS = /[%~@#\\/:*?"<>|\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{DI}]/u
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?= *(?:\.|$))/
const ESCAPES = /(?:%[0-9a-f]{2})+/g

/**
 * Encodes a name as one segment of a path (docs/FORMAT.md, “Names in paths”).
 *
 * Reversible up to Unicode's NFC; two names never differ in case alone once they are encoded, and
 * none is a name that Windows refuses, that git refuses, or that hides.
 *
 * @throws MODEL_NAME if the name is empty, no Unicode text, or too long.
 */
export function encodeName(name: string): string {
  return encodeSegment(name, name, false)
}

/** Decodes a segment; `undefined` for one that `encodeName` doesn't produce. */
export function decodeName(encoded: string): string | undefined {
  return decodeIfCanonical(encoded, encodeName)
}

/**
 * Encodes a name that may hold slashes as a relative path.
 *
 * A final `.yaml` of a folder is encoded too, so that no folder takes the place of a record.
 *
 * @throws MODEL_NAME also for an empty segment, `.` and `..`.
 */
export function encodePath(name: string): string {
  const segments = name.split('/')
  const encoded = segments
    .map((segment, index) => {
      if (segment === '' || segment === '.' || segment === '..') {
        const reason = segment === '' ? 'a part of it is empty' : `it holds a part ${segment}`
        throw modelErrors.create('MODEL_NAME', { name, reason })
      }
      return encodeSegment(segment, name, index < segments.length - 1)
    })
    .join('/')
  if (encoded.length > ENCODED_PATH_MAX_BYTES / 4 && sizeOf(encoded) > ENCODED_PATH_MAX_BYTES) {
    throw tooLong(name, ENCODED_PATH_MAX_BYTES)
  }
  return encoded
}

/** Decodes a relative path; `undefined` for one that `encodePath` doesn't produce. */
export function decodePath(encoded: string): string | undefined {
  return decodeIfCanonical(encoded, encodePath)
}

function encodeSegment(segment: string, name: string, isFolder: boolean): string {
  if (segment === '') throw modelErrors.create('MODEL_NAME', { name, reason: 'it is empty' })
  if (/\p{Cs}/u.test(segment)) {
    throw modelErrors.create('MODEL_NAME', { name, reason: 'it is no valid Unicode text' })
  }
  let encoded = ''
  for (const char of segment.normalize('NFC')) encoded += isKept(char) ? char : percentEncode(char)
  encoded = encoded
    .replace(/^\.+/, percentEncode)
    .replace(/[. ]$/, percentEncode)
    .replace(DEVICE, (device) => percentEncode(device.slice(0, 1)) + device.slice(1))
    .replace(isFolder ? /\.(?=yaml$)/ : /\.(?=ref\.yaml$)/, percentEncode)
  if (sizeOf(encoded) > SEGMENT_MAX_BYTES) throw tooLong(name, SEGMENT_MAX_BYTES)
  return encoded
}

/** Tells whether a character stays: not forbidden, and the one form of its letter that case folds to. */
function isKept(char: string): boolean {
  return !ALWAYS.test(char) && char.toUpperCase().toLowerCase() === char
}

function percentEncode(text: string): string {
  return formatHex(encodeUtf8(text)).replace(/../g, '%$&')
}

function decodeIfCanonical(encoded: string, encode: (name: string) => string): string | undefined {
  try {
    const name = encoded.replace(ESCAPES, (escapes) => decodeURIComponent(escapes))
    return encode(name) === encoded ? name : undefined
  } catch {
    return undefined
  }
}

function sizeOf(text: string): number {
  return encodeUtf8(text).length
}

function tooLong(name: string, maxBytes: number): Error {
  const reason = `it takes more than ${maxBytes} bytes once it is encoded`
  return modelErrors.create('MODEL_NAME', { name, reason })
}
