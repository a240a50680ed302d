import { equalJson, type Json, type JsonObject } from '../base/json.ts'
import type { ComparedRow, RowChange, RowComparison, RowSide } from '../service/compare.ts'
import { formatRunLines, labelRuns } from './compare-labels.ts'
import type { Context } from './context.ts'
import { indent } from './page.ts'
import { printable } from './printable.ts'
import { formatTable } from './table.ts'
import type { PlainTable } from './table-output.ts'
import { formatCount, formatNumber, formatValue } from './values.ts'

type View = Pick<Context, 'colors' | 'out'>

const CHANGES: readonly RowChange[] = ['worsened', 'improved', 'changed', 'missing', 'new', 'same']

/** Formats how the rows of runs differ as a page. */
export function formatRowComparison(view: View, comparison: RowComparison): string {
  const { runs, result, key, by, comparisons } = comparison
  const labels = labelRuns(runs)
  const parts = comparisons.flatMap((compared, index) => {
    if (compared === undefined) return []
    const title = view.colors.bold(`${labels[0]} → ${labels[index]}`)
    const counts = CHANGES.map((change) =>
      paintChange(view, change, `${change} ${compared.counts[change]}`)
    )
    const tables = CHANGES.map((change) => {
      const rows = compared.rows.filter((row) => row.change === change)
      return formatRows(view, change, rows, compared.counts[change], comparison)
    })
    return [`\n${title}\n  ${counts.join('  ')}\n${tables.join('')}`]
  })
  const rule = `Rows of ${result}, joined by ${key}; better by ${by}.`
  const sides = labels.flatMap((label, index) =>
    describeSide(label, comparison.sides[index] as RowSide)
  )
  const notes = [rule, ...sides].map((line) => `${view.colors.dim(printable(line))}\n`).join('')
  return `${formatRunLines(view, runs)}\n${notes}${parts.join('')}`
}

function describeSide(label: string, side: RowSide): string[] {
  const { rows, repeated, repeatedKeys, withoutKey, broken } = side
  const lines: string[] = []
  if (repeated > 0) {
    const keys = repeatedKeys.slice(0, 3).map((key) => formatValue(key))
    const more = repeatedKeys.length > 3 ? ', …' : ''
    lines.push(
      `${label}: ${repeated} of ${formatCount(rows, 'row')} have the key of an earlier one, ` +
        `which alone is compared (${keys.join(', ')}${more}).`
    )
  }
  if (withoutKey > 0) lines.push(`${label}: ${formatCount(withoutKey, 'row')} without a key.`)
  if (broken > 0) lines.push(`${label}: ${formatCount(broken, 'line')} that can't be read.`)
  return lines
}

function paintChange({ colors }: View, change: RowChange, text: string): string {
  if (change === 'improved') return colors.green(text)
  return change === 'worsened' ? colors.red(text) : text
}

/** Formats rows of one kind: the key, then the columns in which they differ, then the others. */
function formatRows(
  view: View,
  change: RowChange,
  rows: readonly ComparedRow[],
  count: number,
  { key, columns }: RowComparison
): string {
  if (rows.length === 0) return ''
  const others = columns.filter((name) => name !== key)
  const differs = (name: string): boolean =>
    rows.some(({ before, after }) => before && after && !equalIn(before, after, name))
  const ordered = [...others.filter(differs), ...others.filter((name) => !differs(name))]
  const { text } = formatTable(
    [
      { title: key },
      ...ordered.map((title, index) => ({
        title,
        rank: index + 1,
        minWidth: differs(title) ? 28 : 8,
        maxWidth: 60
      }))
    ],
    rows.map((row) => [formatValue(row.key), ...ordered.map((name) => formatCell(row, name))]),
    { width: view.out.columns - 2, colors: view.colors }
  )
  const more = count - rows.length
  const rest =
    more > 0 ? view.colors.dim(`  … ${formatCount(more, 'more row')}; -n shows more\n`) : ''
  return `\n  ${paintChange(view, change, change)}\n${indent(text)}${rest}`
}

function formatCell({ before, after }: ComparedRow, name: string): string {
  if (before === undefined || after === undefined) return short(memberOf(before ?? after, name))
  if (equalIn(before, after, name)) return short(memberOf(after, name))
  return `${short(memberOf(before, name)) || '–'} → ${short(memberOf(after, name)) || '–'}`
}

function short(value: Json | undefined): string {
  return typeof value === 'number' ? formatNumber(value) : formatValue(value)
}

function equalIn(before: JsonObject, after: JsonObject, name: string): boolean {
  return equalJson(memberOf(before, name), memberOf(after, name))
}

function memberOf(row: JsonObject | undefined, name: string): Json | undefined {
  return row !== undefined && Object.hasOwn(row, name) ? row[name] : undefined
}

/** Returns the rows as a table for other programs: each column as it was and as it is. */
export function plainRowComparison({ runs, key, columns, comparisons }: RowComparison): PlainTable {
  const others = columns.filter((name) => name !== key)
  return {
    columns: ['run', 'change', key, ...others.flatMap((name) => [`${name} before`, name])],
    rows: comparisons.flatMap((compared, index) =>
      (compared?.rows ?? []).map(({ change, key: value, before, after }) => [
        runs[index]?.address,
        change,
        value,
        ...others.flatMap((name) => [memberOf(before, name), memberOf(after, name)])
      ])
    )
  }
}
