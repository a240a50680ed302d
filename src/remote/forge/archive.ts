import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'

/** A file of an archive; of a link, `bytes` is where it leads. */
export interface ArchivedFile {
  /** From the folder on that holds everything. */
  readonly path: string
  readonly mode: '100644' | '100755' | '120000'
  readonly bytes: Uint8Array
}

const BLOCK = 512

/**
 * Reads the files of a tar archive as git makes it (pax interchange format, POSIX.1-2017 `pax`): files, folders,
 * links, and headers with long paths. Everything in it lies in one folder, which is left away.
 *
 * @throws RangeError if it is cut short.
 */
export function readArchive(tar: Uint8Array): readonly ArchivedFile[] {
  const files: ArchivedFile[] = []
  let long: ReadonlyMap<string, string> = new Map()
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK)
    if (header[0] === 0) break
    const sizeBytes = readOctal(header, 124, 12)
    const start = at + BLOCK
    if (start + sizeBytes > tar.length) throw new RangeError('the archive is cut short')
    const content = tar.subarray(start, start + sizeBytes)
    at = start + Math.ceil(sizeBytes / BLOCK) * BLOCK
    const type = String.fromCharCode(header[156] as number)
    if (type === 'x') {
      long = readRecords(content)
      continue
    }
    const path = long.get('path') ?? readPath(header)
    const target = long.get('linkpath') ?? readText(header, 157, 100)
    const inside = path.slice(path.indexOf('/') + 1)
    if (type === '0') {
      const isProgram = (readOctal(header, 100, 8) & 0o100) !== 0
      files.push({ path: inside, mode: isProgram ? '100755' : '100644', bytes: content })
    } else if (type === '2') {
      files.push({ path: inside, mode: '120000', bytes: encodeUtf8(target) })
    }
    if (type !== 'g') long = new Map()
  }
  return files
}

function readPath(header: Uint8Array): string {
  const [name, prefix] = [readText(header, 0, 100), readText(header, 345, 155)]
  return prefix === '' ? name : `${prefix}/${name}`
}

function readText(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length)
  const end = field.indexOf(0)
  return decodeUtf8(end < 0 ? field : field.subarray(0, end))
}

function readOctal(header: Uint8Array, at: number, length: number): number {
  const text = readText(header, at, length).trim()
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : 0
}

/** Reads records such as `28 path=experiments/train\n`, whose number is the length of the whole. */
function readRecords(content: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const length = Number(decodeUtf8(content.subarray(at, Math.max(at, space))))
    if (!(length > 0)) break
    const record = decodeUtf8(content.subarray(space + 1, at + length - 1))
    const equals = record.indexOf('=')
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}
