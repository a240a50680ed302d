import type { ComparedField, ComparedSection, RunComparison } from '../service/compare.ts'
import { formatCode, formatHunks, type LineBudget } from './compare-diff.ts'
import { formatRunLines, labelRuns } from './compare-labels.ts'
import { formatFieldValue } from './compare-values.ts'
import type { Context } from './context.ts'
import { formatSection, indent } from './page.ts'
import { printable } from './printable.ts'
import { type Column, formatTable } from './table.ts'
import { formatCount, formatNumber } from './values.ts'

type View = Pick<Context, 'colors' | 'out'>

const TITLES: { readonly [S in ComparedSection['name']]: string } = {
  run: 'Run',
  params: 'Parameters',
  metrics: 'Metrics',
  datasets: 'Datasets',
  code: 'Code',
  environment: 'Environment',
  packages: 'Packages',
  artifacts: 'Artifacts'
}

/** Formats a comparison as a page; of diffs, at most so many lines. */
export function formatComparison(view: View, comparison: RunComparison, maxLines: number): string {
  const labels = labelRuns(comparison.runs)
  const budget = { left: maxLines }
  const sections = comparison.sections.map((section) => {
    const body =
      formatFields(view, section, labels) +
      formatTexts(view, section, labels, budget) +
      (section.name === 'code' ? formatCodes(view, comparison, labels, budget) : '')
    return formatSection(view, TITLES[section.name], body)
  })
  return (
    formatRunLines(view, comparison.runs) +
    sections.join('') +
    formatNotes(view, comparison, labels)
  )
}

function formatFields(view: View, section: ComparedSection, labels: readonly string[]): string {
  const { fields } = section
  if (fields.length === 0) return ''
  const isNumeric = fields.every(({ values }) =>
    values.every((value) => value === undefined || typeof value === 'number')
  )
  const columns: Column[] = labels.map((title, index) => ({
    title,
    rank: index,
    minWidth: 12,
    maxWidth: labels.length === 2 ? 60 : 40,
    ...(isNumeric ? { align: 'right' } : {}),
    paint: (text, row) => paintCell(view, fields[row] as ComparedField, index, text)
  }))
  const change = section.name === 'metrics' && labels.length === 2
  const { text, hidden } = formatTable(
    [
      { title: '', maxWidth: 36, minWidth: 10 },
      ...columns,
      ...(change ? [{ title: 'change', rank: 2 }] : [])
    ],
    fields.map((field) => [
      field.name,
      ...labels.map((_, index) => cellOf(section, field, index, labels.length)),
      ...(change ? [describeChange(field)] : [])
    ]),
    { width: view.out.columns - 2, colors: view.colors }
  )
  const more =
    hidden.length === 0
      ? ''
      : view.colors.dim(`No room for ${hidden.join(', ')}; --csv and --json have all.\n`)
  return indent(text + more)
}

function cellOf(
  section: ComparedSection,
  field: ComparedField,
  index: number,
  count: number
): string {
  const text = formatFieldValue(section, field, index)
  const change = field.changes[index]
  if (count === 2 || (change !== 'better' && change !== 'worse')) return text
  return `${text} ${change === 'better' ? '▲' : '▼'}`
}

function paintCell({ colors }: View, field: ComparedField, index: number, text: string): string {
  switch (field.changes[index]) {
    case 'better':
      return colors.green(text)
    case 'worse':
      return colors.red(text)
    case 'unknown':
      return colors.dim(text)
    default:
      return text
  }
}

function describeChange({ values: [before, after], changes, goal }: ComparedField): string {
  if (typeof before !== 'number' || typeof after !== 'number') return changes[1] ?? ''
  const difference = after - before
  const number = Number.isFinite(difference)
    ? `${difference > 0 ? '+' : ''}${formatNumber(difference)}`
    : ''
  const verdict = goal === undefined ? '' : changes[1]
  return `${number} ${verdict === 'changed' || verdict === 'same' ? '' : (verdict ?? '')}`.trim()
}

function formatTexts(
  view: View,
  { fields }: ComparedSection,
  labels: readonly string[],
  budget: LineBudget
): string {
  const texts = fields.flatMap(({ name, texts: each = [] }) =>
    each.flatMap((hunks, index) => {
      if (hunks === undefined) return []
      const title = view.colors.bold(`${printable(name)}  ${labels[0]} → ${labels[index]}`)
      return [`\n  ${title}\n${formatHunks(view, hunks, budget)}`]
    })
  )
  return texts.join('')
}

function formatCodes(
  view: View,
  { code }: RunComparison,
  labels: readonly string[],
  budget: LineBudget
): string {
  return code
    .flatMap((difference, index) => {
      if (difference === undefined) return []
      const title = view.colors.bold(`${labels[0]} → ${labels[index]}`)
      return [`\n  ${title}\n${formatCode(view, difference, budget)}`]
    })
    .join('')
}

function formatNotes(view: View, comparison: RunComparison, labels: readonly string[]): string {
  const { sections, unreadable } = comparison
  const lines: string[] = []
  if (sections.every(({ fields }) => fields.every(({ differs }) => !differs))) {
    lines.push('Nothing differs.')
  }
  if (labels.length > 2 && hasVerdicts(comparison)) {
    lines.push(`▲ better, ▼ worse than ${labels[0]}, by the goals that the experiment declares.`)
  }
  for (const [index, label] of labels.entries()) {
    const lacks = (name: ComparedSection['name']): boolean =>
      sections.some((section) => section.name === name && section.present[index] === false)
    const missing = [lacks('environment') ? 'environment' : '', lacks('code') ? 'code' : '']
    const named = missing.filter((name) => name !== '').join(' and no ')
    if (named !== '') lines.push(`${label} has no ${named}.`)
  }
  for (const { run, what, reason } of unreadable) {
    lines.push(`The ${what} of ${labels[run]} can't be read: ${printable(reason)}`)
  }
  const hidden = sections.reduce((sum, { fields, same }) => {
    return sum + same - fields.filter(({ differs }) => !differs).length
  }, 0)
  if (hidden > 0) lines.push(`${formatCount(hidden, 'field')} alike; --all shows them.`)
  return lines.length === 0 ? '' : `\n${lines.map((line) => view.colors.dim(line)).join('\n')}\n`
}

function hasVerdicts({ sections }: RunComparison): boolean {
  return sections.some(({ fields }) =>
    fields.some(({ changes }) => changes.includes('better') || changes.includes('worse'))
  )
}
