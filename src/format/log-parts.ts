import { concatBytes, encodeUtf8 } from '../base/bytes.ts'

/** Bytes of the longest part of a log. */
export const LOG_PART_MAX_BYTES = 256_000

const LINE_FEED = 0x0a

/** Keeps of each line what stands there in the end: what follows its last carriage return. */
export function collapseProgress(text: string): string {
  return text.includes('\r') ? text.split('\n').map(collapseLine).join('\n') : text
}

/** Collapses progress lines of text that arrives in pieces. */
export class ProgressCollapser {
  #open = ''

  /** Takes a piece of text; returns the lines that it ends, with their line feeds. */
  push(text: string): string {
    const end = text.lastIndexOf('\n') + 1
    if (end === 0) {
      this.#open = collapseOpen(this.#open + text)
      return ''
    }
    const lines = collapseProgress(this.#open + text.slice(0, end))
    this.#open = collapseOpen(text.slice(end))
    return lines
  }

  /** Returns the last line, if it has no line feed, and forgets it. */
  end(): string {
    const rest = collapseLine(this.#open)
    this.#open = ''
    return rest
  }
}

/**
 * Appends text to the last part of a log.
 *
 * Returns the parts that take its place: the first begins with the bytes of `part`, and each but the
 * last ends with a line, or between two characters where a line is longer than a part.
 */
export function appendLog(part: Uint8Array, text: string): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  let current = part
  let rest = encodeUtf8(text)
  while (rest.length > 0 && current.length + rest.length > LOG_PART_MAX_BYTES) {
    const cut = findCut(rest, LOG_PART_MAX_BYTES - current.length, current.length > 0)
    parts.push(concatBytes([current, rest.subarray(0, cut)]))
    rest = rest.subarray(cut)
    current = new Uint8Array(0)
  }
  return [...parts, concatBytes([current, rest])]
}

/** Finds where to cut: behind the last line that fits, else (a part that has text) before all of it. */
function findCut(bytes: Uint8Array, room: number, hasText: boolean): number {
  const lineEnd = bytes.subarray(0, Math.max(room, 0)).lastIndexOf(LINE_FEED) + 1
  if (lineEnd > 0 || hasText) return lineEnd
  let cut = room
  while (((bytes[cut] as number) & 0xc0) === 0x80) cut--
  return cut
}

function collapseLine(line: string): string {
  const states = line.split('\r')
  return states.findLast((state) => state !== '') ?? ''
}

/** Collapses a line that goes on: a carriage return at its end may still be followed by a line feed. */
function collapseOpen(line: string): string {
  return line.endsWith('\r') ? `${collapseLine(line)}\r` : collapseLine(line)
}
