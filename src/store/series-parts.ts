import { seriesPartOf } from '../format/paths.ts'
import { type ReadSeriesOptions, SeriesReader, sortParts } from '../format/series-columns.ts'

/** The text of series that was read into columns. */
export interface ReadParts {
  readonly reader: SeriesReader
  readonly sizeBytes: number
}

/** Reads the files of a folder of series into columns; those that are no parts are left out. */
export function readSeriesText(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  options: ReadSeriesOptions = {}
): ReadParts {
  const parts = files.flatMap(({ path, bytes }) => {
    const part = seriesPartOf(path.slice(path.lastIndexOf('/') + 1))
    return part === undefined ? [] : [{ ...part, bytes }]
  })
  const reader = new SeriesReader(options)
  for (const { bytes } of sortParts(parts)) reader.add(bytes)
  return { reader, sizeBytes: parts.reduce((sum, { bytes }) => sum + bytes.length, 0) }
}
