/**
 * Reads CSV or TSV as RFC 4180 has it, up to a number of rows; a quote that is never closed reaches to the
 * end.
 */
export function parseSeparated(
  text: string,
  separator: ',' | '\t' | ';',
  maxRows: number
): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at <= text.length && rows.length < maxRows) {
    const [cell, end] = readCell(text, at, separator)
    row.push(cell)
    at = end + 1
    if (text[end] === separator) continue
    if (text[end] === '\r' && text[end + 1] === '\n') at++
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return rows
}

/** Reads a cell; returns it and where it ends. */
function readCell(text: string, start: number, separator: string): readonly [string, number] {
  let at = start
  let cell = ''
  while (text[at] === '"' && (at === start || text[at - 1] === '"')) {
    const close = text.indexOf('"', at + 1)
    const end = close < 0 ? text.length : close
    cell += (at === start ? '' : '"') + text.slice(at + 1, end)
    at = end + 1
  }
  const from = at
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++
  return [cell + text.slice(from, at), at]
}

/** Returns the separator that the first line suggests. */
export function separatorOf(path: string, text: string): ',' | '\t' | ';' {
  if (path.toLowerCase().endsWith('.tsv')) return '\t'
  const [line = ''] = text.split('\n', 1)
  const count = (separator: string): number => line.split(separator).length
  if (count('\t') > count(',')) return '\t'
  return count(';') > count(',') ? ';' : ','
}
