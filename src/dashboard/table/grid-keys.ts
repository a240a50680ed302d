/** The cell that the keyboard is at; row −1 is the heading. */
export interface ActiveCell {
  readonly row: number
  readonly column: number
}

/** Returns the cell to which a key leads; `undefined` if it leads nowhere. */
export function moveByKey(
  { key, ctrlKey, metaKey, altKey }: KeyboardEvent,
  { row, column }: ActiveCell,
  size: { readonly rows: number; readonly columns: number; readonly page: number }
): ActiveCell | undefined {
  if (altKey) return undefined
  const isFar = ctrlKey || metaKey
  const end = { row: size.rows - 1, column: size.columns - 1 }
  const targets: { readonly [key: string]: ActiveCell } = {
    ArrowDown: { row: isFar ? end.row : row + 1, column },
    ArrowUp: { row: isFar ? 0 : row - 1, column },
    ArrowRight: { row, column: isFar ? end.column : column + 1 },
    ArrowLeft: { row, column: isFar ? 0 : column - 1 },
    PageDown: { row: row + size.page, column },
    PageUp: { row: Math.max(0, row - size.page), column },
    Home: { row: isFar ? 0 : row, column: 0 },
    End: { row: isFar ? end.row : row, column: end.column }
  }
  if (!Object.hasOwn(targets, key)) return undefined
  const target = targets[key] as ActiveCell
  return {
    row: Math.min(end.row, Math.max(-1, target.row)),
    column: Math.min(end.column, Math.max(0, target.column))
  }
}
