import type { CodeDifference, DiffHunk, FileDifference } from '../service/compare.ts'
import type { Context } from './context.ts'
import { printable } from './printable.ts'
import { formatCount } from './values.ts'

type View = Pick<Context, 'colors'>

/** How many more lines of diffs may be printed. */
export interface LineBudget {
  left: number
}

const MARKS = { same: ' ', removed: '-', added: '+', note: '\\' } as const

/** Formats the differences of two texts, with what had no room counted in the last line. */
export function formatHunks(
  { colors }: View,
  hunks: readonly DiffHunk[],
  budget: LineBudget
): string {
  const paint = { same: plain, removed: colors.red, added: colors.green, note: colors.dim }
  const lines = hunks.flatMap(({ before, after, lines: own }) => [
    colors.dim(before === after ? `  @@ line ${before}` : `  @@ line ${before}, now ${after}`),
    ...own.map(({ kind, text }) => `  ${paint[kind](`${MARKS[kind]} ${printable(text)}`)}`)
  ])
  const shown = lines.slice(0, Math.max(0, budget.left))
  budget.left -= shown.length
  const hidden = lines.length - shown.length
  if (hidden > 0) shown.push(colors.dim(`  … ${formatCount(hidden, 'more line')}`))
  return shown.map((line) => `${line}\n`).join('')
}

function plain(text: string): string {
  return text
}

/** Formats how the files of two versions of the code differ. */
export function formatCode(view: View, code: CodeDifference, budget: LineBudget): string {
  const files = code.files.map((file) => formatFile(view, file, budget)).join('')
  const note = noteOf(code)
  return files + (note === '' ? '' : `  ${view.colors.dim(note)}\n`)
}

function noteOf({ by, files, isWhole }: CodeDifference): string {
  if (by === 'nothing') {
    return 'Both were committed; the code’s repository is needed to compare them: call this inside of it.'
  }
  if (isWhole) return files.length === 0 ? 'No file differs.' : ''
  if (by === 'repository') return 'Without files whose names look like secrets.'
  return 'By the stored patches alone; the code’s repository shows more: call this inside of it.'
}

function formatFile(view: View, file: FileDifference, budget: LineBudget): string {
  const { colors } = view
  const { path, pathBefore, change, isBinary, isOfPatches, hunks } = file
  const count = (kind: 'added' | 'removed'): number =>
    hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.kind === kind).length, 0)
  const name = pathBefore === undefined ? path : `${pathBefore} → ${path}`
  const details = [
    change === 'changed' ? '' : change,
    isBinary ? 'binary' : '',
    isOfPatches ? 'as the patches differ' : '',
    hunks.length === 0
      ? ''
      : `${colors.green(`+${count('added')}`)} ${colors.red(`-${count('removed')}`)}`
  ]
  const head = `  ${colors.bold(printable(name))}  ${details.filter((each) => each !== '').join('  ')}`
  return `${head.trimEnd()}\n${formatHunks(view, hunks, budget)}`
}
