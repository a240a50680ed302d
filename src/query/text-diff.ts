import type { StructuredPatchHunk } from 'diff'

/** A line of a diff. */
export interface DiffLine {
  /** `note` says something of the line before it, such as that it has no line end. */
  readonly kind: 'same' | 'removed' | 'added' | 'note'
  readonly text: string
}

/** Lines of two texts that lie together, with some around them that are the same. */
export interface DiffHunk {
  /** The number of its first line in the first text, from 1. */
  readonly before: number
  /** The same in the second text. */
  readonly after: number
  readonly lines: readonly DiffLine[]
}

/** Texts of more characters are not compared line by line. */
export const DIFF_MAX_CHARS = 1_000_000

/** Texts with more lines that differ count as wholly different; the time grows with its square. */
const MAX_EDITS = 1_000

/** Lines around a difference. */
const CONTEXT = 3

const KINDS: { readonly [mark: string]: DiffLine['kind'] } = {
  ' ': 'same',
  '-': 'removed',
  '+': 'added',
  '\\': 'note'
}

/** Compares two texts line by line; `undefined` if they are too long. The library is loaded when needed. */
export async function diffTexts(
  before: string,
  after: string
): Promise<readonly DiffHunk[] | undefined> {
  if (before.length + after.length > DIFF_MAX_CHARS) return undefined
  const { structuredPatch } = await import('diff')
  const endAlike = before.endsWith('\n') === after.endsWith('\n')
  const end = endAlike && !before.endsWith('\n') ? '\n' : ''
  const patch = structuredPatch('', '', before + end, after + end, '', '', {
    context: CONTEXT,
    maxEditLength: MAX_EDITS
  })
  return patch === undefined ? [replaced(before, after)] : patch.hunks.map((hunk) => readHunk(hunk))
}

/** Takes the library's form of a hunk over. */
export function readHunk(hunk: StructuredPatchHunk): DiffHunk {
  const lines = hunk.lines.map((line): DiffLine => {
    const kind = KINDS[line[0] ?? ' '] ?? 'same'
    return { kind, text: kind === 'note' ? 'no line end' : line.slice(1) }
  })
  return { before: hunk.oldStart, after: hunk.newStart, lines }
}

/** Returns a hunk that leads the other way. */
export function reverseHunk({ before, after, lines }: DiffHunk): DiffHunk {
  const reversed = lines.map(({ kind, text }): DiffLine => {
    if (kind === 'added') return { kind: 'removed', text }
    return { kind: kind === 'removed' ? 'added' : kind, text }
  })
  return { before: after, after: before, lines: reversed }
}

function replaced(before: string, after: string): DiffHunk {
  const linesOf = (text: string, kind: DiffLine['kind']): readonly DiffLine[] =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => ({ kind, text: line }))
  return { before: 1, after: 1, lines: [...linesOf(before, 'removed'), ...linesOf(after, 'added')] }
}
