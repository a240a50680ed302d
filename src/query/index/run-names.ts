import { decodeUtf8, formatHex, parseHex } from '../../base/bytes.ts'
import { RUN_ID_LENGTH } from '../../base/ids.ts'
import type { Oid } from '../../git/objects.ts'

/** The bytes of an object's name. */
export const OID_BYTES = 20

/** Returns the bytes of runs, one after the other. */
export function packRuns(runs: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(runs.length * RUN_ID_LENGTH)
  for (const [row, run] of runs.entries()) {
    for (let at = 0; at < RUN_ID_LENGTH; at++) bytes[row * RUN_ID_LENGTH + at] = run.charCodeAt(at)
  }
  return bytes
}

/** Returns the bytes of trees, one after the other. */
export function packOids(oids: readonly Oid[]): Uint8Array {
  const bytes = new Uint8Array(oids.length * OID_BYTES)
  for (const [row, oid] of oids.entries()) bytes.set(parseHex(oid), row * OID_BYTES)
  return bytes
}

export function oidAt(oids: Uint8Array, row: number): Oid {
  return formatHex(oids, row * OID_BYTES, (row + 1) * OID_BYTES)
}

/** Runs in order of their ids, as they lie in a file. */
export class SortedRuns {
  readonly count: number
  readonly #bytes: Uint8Array
  /** The same as text, of which many are cut sooner than each is decoded. */
  #text: string | undefined

  constructor(bytes: Uint8Array) {
    this.count = bytes.length / RUN_ID_LENGTH
    this.#bytes = bytes
  }

  at(row: number): string {
    this.#text ??= decodeUtf8(this.#bytes)
    const start = row * RUN_ID_LENGTH
    return this.#text.slice(start, start + RUN_ID_LENGTH)
  }

  /** Returns the row of a run; `undefined` if it is not here. */
  find(run: string): number | undefined {
    if (run.length !== RUN_ID_LENGTH) return undefined
    const row = this.lowerBound(run)
    return row < this.count && this.#compare(row, run) === 0 ? row : undefined
  }

  /** Returns the first row whose run begins with `prefix` or comes behind it. */
  lowerBound(prefix: string): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(middle, prefix) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Tells whether the run of a row begins with `prefix`. */
  startsWith(row: number, prefix: string): boolean {
    return this.#compare(row, prefix) === 0
  }

  /** Compares as many characters as `text` has. */
  #compare(row: number, text: string): number {
    const start = row * RUN_ID_LENGTH
    for (let at = 0; at < text.length; at++) {
      const difference = (this.#bytes[start + at] as number) - text.charCodeAt(at)
      if (difference !== 0) return difference
    }
    return 0
  }
}
