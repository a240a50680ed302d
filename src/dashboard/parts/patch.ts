/** A line of a patch. */
export interface PatchLine {
  readonly kind: 'added' | 'removed' | 'same' | 'hunk' | 'note'
  readonly text: string
  /** Its number before and after. */
  readonly before?: number
  readonly after?: number
}

/** What a patch does to a file. */
export interface FilePatch {
  readonly path: string
  /** Where it was before, if it was moved. */
  readonly from?: string
  readonly state: 'added' | 'removed' | 'moved' | 'changed'
  readonly isBinary: boolean
  readonly added: number
  readonly removed: number
  readonly lines: readonly PatchLine[]
}

/** Reads a patch as `git diff` writes it; what it doesn't know stays as notes. */
export function parsePatch(text: string): readonly FilePatch[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const files: string[][] = []
  for (const line of lines) {
    if (line.startsWith('diff --git ') || files.length === 0) files.push([])
    files.at(-1)?.push(line)
  }
  return files.map(parseFile)
}

function parseFile(lines: readonly string[]): FilePatch {
  const start = lines.findIndex((line) => line.startsWith('@@ '))
  const head = start < 0 ? lines : lines.slice(0, start)
  const body = parseHunks(start < 0 ? [] : lines.slice(start))
  const named = (prefix: string): string | undefined =>
    head.find((line) => line.startsWith(prefix))?.slice(prefix.length)
  const [before, after] = [named('--- '), named('+++ ')].map(pathOf)
  const [from, to] = [named('rename from '), named('rename to ')]
  const path = to ?? after ?? before ?? pathOfHeader(head[0] ?? '')
  const state = stateOf(head, from !== undefined)
  return {
    path,
    ...(from !== undefined && { from }),
    state,
    isBinary: head.some((line) => /^(Binary files |GIT binary patch)/.test(line)),
    added: body.filter(({ kind }) => kind === 'added').length,
    removed: body.filter(({ kind }) => kind === 'removed').length,
    lines: body
  }
}

function stateOf(head: readonly string[], isMoved: boolean): FilePatch['state'] {
  if (head.some((line) => line.startsWith('new file'))) return 'added'
  if (head.some((line) => line.startsWith('deleted file'))) return 'removed'
  return isMoved ? 'moved' : 'changed'
}

function pathOf(name: string | undefined): string | undefined {
  if (name === undefined || name.startsWith('/dev/null')) return undefined
  return name.replace(/^"?[ab]\//, '').replace(/["\t].*$/, '')
}

function pathOfHeader(line: string): string {
  return /^diff --git "?a\/.* "?b\/(.*?)"?$/.exec(line)?.[1] ?? 'patch'
}

function parseHunks(lines: readonly string[]): readonly PatchLine[] {
  let [before, after] = [0, 0]
  return lines.map((line): PatchLine => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line)
    if (hunk !== null) {
      before = Number(hunk[1])
      after = Number(hunk[2])
      return { kind: 'hunk', text: line }
    }
    const text = line.slice(1)
    if (line.startsWith('+')) return { kind: 'added', text, after: after++ }
    if (line.startsWith('-')) return { kind: 'removed', text, before: before++ }
    if (line.startsWith(' ')) return { kind: 'same', text, before: before++, after: after++ }
    return { kind: 'note', text: line }
  })
}
