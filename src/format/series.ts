import { compareBytes } from '../base/bytes.ts'

export {
  formatPoint,
  type ParsedSeries,
  parseSeries,
  SERIES_HEADER,
  type SeriesPoint
} from './series-lines.ts'
export {
  comparePoints,
  joinSeries,
  type PlacedPoint,
  type RemovedMetrics,
  summarizeSeries,
  type WriterPoints
} from './summary.ts'

/** Bytes of the longest part of a series or of rows. */
export const PART_MAX_BYTES = 1_000_000

/**
 * Returns the right one of two versions of a part: the longer, of two equally long ones the one whose
 * bytes are greater. Holds for series, rows and logs.
 */
export function mergeParts(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length !== b.length) return a.length > b.length ? a : b
  return compareBytes(a, b) >= 0 ? a : b
}
