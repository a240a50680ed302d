import { concatBytes, decodeUtf8 } from '../base/bytes.ts'
import type { FileSystem } from '../base/platform.ts'
import { type JournalEntry, parseEntry } from './journal-entry.ts'

/** Entries of a journal that lie behind each other. */
export interface EntryBatch {
  /** Each with the byte at which its line begins. */
  readonly entries: readonly { readonly entry: JournalEntry; readonly offset: number }[]
  /** The byte behind the last line. */
  readonly nextOffset: number
}

const CHUNK_BYTES = 1 << 20
const LINE_FEED = 10

/**
 * Reads the entries of a journal from a byte on, in batches.
 *
 * A last line without its line break is one that is being written, or that a crash cut: it is left
 * alone. A damaged line in between is left out.
 */
export async function* readEntries(
  files: FileSystem,
  path: string,
  offset = 0
): AsyncGenerator<EntryBatch> {
  let at = offset
  let rest: Uint8Array = new Uint8Array()
  for (;;) {
    const chunk = await files.readRange(path, at + rest.length, CHUNK_BYTES)
    if (chunk === undefined || chunk.length === 0) return
    const bytes = rest.length === 0 ? chunk : concatBytes([rest, chunk])
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    rest = bytes.subarray(end)
    if (end > 0) yield { entries: parseLines(bytes.subarray(0, end), at), nextOffset: at + end }
    at += end
    if (chunk.length < CHUNK_BYTES) return
  }
}

function parseLines(bytes: Uint8Array, start: number): EntryBatch['entries'] {
  const entries: { entry: JournalEntry; offset: number }[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at)
    const entry = end > at ? parseEntry(decodeUtf8(bytes.subarray(at, end))) : undefined
    if (entry !== undefined) entries.push({ entry, offset: start + at })
    at = end + 1
  }
  return entries
}
