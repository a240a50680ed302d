import stringWidth from 'string-width'

import type { Colors } from './colors.ts'
import { printable } from './printable.ts'

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Default: `left`. */
  readonly align?: 'left' | 'right'
  /**
   * Columns of the least rank stay longest when the terminal is narrow; those without any value go in
   * any case. Default: 0, which always stays.
   */
  readonly rank?: number
  /**
   * A value is shortened to this many columns if the table doesn't fit. Default: 8; a column that is
   * aligned to the right holds numbers, which are never shortened.
   */
  readonly minWidth?: number
  /** No value is ever wider. Default: 40. */
  readonly maxWidth?: number
  /** Colours a cell that was made to fit. Default: none. */
  readonly paint?: (text: string, row: number) => string
}

/** A table as text. */
export interface TableText {
  /** Lines with their ends. */
  readonly text: string
  /** Titles of the columns that had no room. */
  readonly hidden: readonly string[]
}

const GAP = 2

/**
 * Formats a table that fits a width: values are shortened first, then columns that have no room are left
 * away, those of the greatest rank first. Cells are made printable.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly width: number; readonly colors: Colors }
): TableText {
  // Composed characters are measured alike by everybody.
  const cells = rows.map((row) =>
    columns.map((_, index) => printable(row[index] ?? '').normalize('NFC'))
  )
  const natural = columns.map((column, index) => {
    const widest = cells.reduce((width, row) => Math.max(width, widthOf(row[index] as string)), 0)
    return Math.min(column.maxWidth ?? 40, Math.max(widthOf(title(column)), widest))
  })
  const filled = columns
    .map((_, index) => index)
    .filter((index) => !columns[index]?.rank || cells.some((row) => row[index] !== ''))
  const { kept, widths } = chooseWidths(columns, filled, natural, options.width)
  const head = kept.map((index, at) =>
    options.colors.bold(shorten(title(columns[index] as Column), widths[at] as number))
  )
  const body = cells.map((values, row) =>
    kept.map((index, at) => {
      const text = shorten(values[index] as string, widths[at] as number)
      return columns[index]?.paint?.(text, row) ?? text
    })
  )
  const aligns = kept.map((index) => columns[index]?.align ?? 'left')
  return {
    text: layOut([head, ...body], widths, aligns),
    hidden: filled
      .filter((index) => !kept.includes(index))
      .map((index) => (columns[index] as Column).title)
  }
}

/** Pads cells to the widths of their columns; lines have no spaces at their ends. */
function layOut(
  rows: readonly (readonly string[])[],
  widths: readonly number[],
  aligns: readonly ('left' | 'right')[]
): string {
  const gap = ' '.repeat(GAP)
  const lines = rows.map((cells) =>
    cells
      .map((cell, at) => {
        const space = ' '.repeat(Math.max(0, (widths[at] as number) - widthOf(cell)))
        return aligns[at] === 'right' ? space + cell : cell + space
      })
      .join(gap)
      .trimEnd()
  )
  return lines.map((line) => `${line}\n`).join('')
}

function title(column: Column): string {
  return printable(column.title)
}

/** Chooses columns, those of the least rank first, as long as they have room, and their widths. */
function chooseWidths(
  columns: readonly Column[],
  filled: readonly number[],
  natural: readonly number[],
  width: number
): { kept: number[]; widths: number[] } {
  const least = columns.map((column, index) =>
    Math.min(
      natural[index] as number,
      column.align === 'right' ? Number.POSITIVE_INFINITY : (column.minWidth ?? 8)
    )
  )
  const rank = (index: number): number => columns[index]?.rank ?? 0
  const total = (indices: readonly number[], sizes: readonly number[]): number =>
    indices.reduce((sum, index) => sum + (sizes[index] as number) + GAP, -GAP)
  const chosen: number[] = []
  for (const index of [...filled].sort((a, b) => rank(a) - rank(b))) {
    if (rank(index) === 0 || total([...chosen, index], least) <= width) chosen.push(index)
  }
  const kept = chosen.sort((a, b) => a - b)
  const widths = [...natural]
  for (let excess = total(kept, widths) - width; excess > 0; excess--) {
    const shrinkable = kept.filter((index) => (widths[index] as number) > (least[index] as number))
    if (shrinkable.length === 0) break
    const widest = shrinkable.reduce((a, b) =>
      (widths[b] as number) > (widths[a] as number) ? b : a
    )
    widths[widest] = (widths[widest] as number) - 1
  }
  return { kept, widths: kept.map((index) => widths[index] as number) }
}

/** Returns the columns that text takes; most is plain, and then they are its length. */
function widthOf(text: string): number {
  return PLAIN_TEXT.test(text) ? text.length : stringWidth(text)
}

const PLAIN_TEXT = /^[ -~]*$/

const graphemes = new Intl.Segmenter()

/** Shortens text to a number of columns, with `…` at its end. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 1
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept}…`
}

/** Pads text on the right to a number of columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}
