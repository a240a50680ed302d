import type { StructuredPatch } from 'diff'
import { type DiffHunk, diffTexts, readHunk, reverseHunk } from './text-diff.ts'

/** A file in which the code of two runs differs. */
export interface FileDifference {
  readonly path: string
  /** Its name in the first run, if it was renamed. */
  readonly pathBefore?: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly isBinary: boolean
  /**
   * Whether the lines are those of the two stored patches instead of the file's own, which is all that is
   * known of a file that both changed where the code's repository is not at hand.
   */
  readonly isOfPatches: boolean
  /** Empty if it is binary or too long, or if only its mode or name differs. */
  readonly hunks: readonly DiffHunk[]
}

/** Loads what reads patches and compares texts. */
export const loadPatchReader = () => import('diff')

/** Reads a patch as git prints it; never throws: of a file whose part is broken, only the name is read. */
export async function readPatch(text: string): Promise<readonly FileDifference[]> {
  const { parsePatch } = await loadPatchReader()
  return partsOf(text).flatMap((part) => {
    const isBinary = /^(GIT binary patch|Binary files )/m.test(part.split(/^@@ /m, 1)[0] as string)
    const parsed = parseQuietly(parsePatch, isBinary ? headOf(part) : part)
    return parsed === undefined ? [] : [differenceOf(parsed, isBinary)]
  })
}

/**
 * Compares the code of two runs by the patches that lead to it from the last commit.
 *
 * @param isSameBase whether both begin at one commit; if not, only the patches themselves are compared.
 */
export async function diffPatches(
  before: string,
  after: string,
  isSameBase: boolean
): Promise<readonly FileDifference[]> {
  const [left, right] = [await byPath(before), await byPath(after)]
  const files: FileDifference[] = []
  for (const path of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [a, b] = [left.get(path), right.get(path)]
    if (a?.part === b?.part) continue
    const known = isSameBase ? await differenceOfFile(a?.file, b?.file) : undefined
    files.push(known ?? (await differenceOfParts(path, a, b)))
  }
  return files
}

/** A file of a patch, with the text that tells of it. */
interface PatchedFile {
  readonly part: string
  readonly file: FileDifference
}

async function byPath(patch: string): Promise<ReadonlyMap<string, PatchedFile>> {
  const found = new Map<string, PatchedFile>()
  for (const part of partsOf(patch)) {
    const [file] = await readPatch(part)
    if (file !== undefined) found.set(file.path, { part, file })
  }
  return found
}

/** Tells how a file differs that lay alike under both patches; `undefined` if they don't say. */
async function differenceOfFile(
  a: FileDifference | undefined,
  b: FileDifference | undefined
): Promise<FileDifference | undefined> {
  if (a === undefined) return b
  if (b === undefined) return reverse(a)
  const contents = [a, b].map((file) => contentOf(file))
  const [before, after] = contents
  if (before === undefined || after === undefined) return undefined
  const { path } = b
  const hunks = (await diffTexts(before, after)) ?? []
  return { path, change: 'changed', isBinary: false, isOfPatches: false, hunks }
}

/** Returns the content of a file that a patch adds as a whole. */
function contentOf({ change, isBinary, hunks }: FileDifference): string | undefined {
  if (change !== 'added' || isBinary) return undefined
  const lines = hunks.flatMap((hunk) => hunk.lines)
  const isTorn = lines.at(-1)?.kind === 'note'
  const texts = lines.filter(({ kind }) => kind === 'added').map(({ text }) => text)
  return texts.length === 0 ? '' : texts.join('\n') + (isTorn ? '' : '\n')
}

async function differenceOfParts(
  path: string,
  a: PatchedFile | undefined,
  b: PatchedFile | undefined
): Promise<FileDifference> {
  const isBinary = a?.file.isBinary === true || b?.file.isBinary === true
  const bodies = [a, b].map((file) => (file === undefined ? '' : bodyOf(file.part)))
  const hunks = isBinary ? [] : ((await diffTexts(bodies[0] as string, bodies[1] as string)) ?? [])
  return { path, change: 'changed', isBinary, isOfPatches: true, hunks }
}

function reverse(file: FileDifference): FileDifference {
  const { path, pathBefore, change, hunks } = file
  const { pathBefore: _, ...rest } = file
  return {
    ...rest,
    path: pathBefore ?? path,
    ...(pathBefore === undefined ? {} : { pathBefore: path }),
    change: change === 'added' ? 'removed' : change === 'removed' ? 'added' : 'changed',
    hunks: hunks.map(reverseHunk)
  }
}

/** Splits a patch into its files; in a hunk every line begins with a mark. */
function partsOf(patch: string): readonly string[] {
  return patch.split(/^(?=diff --git )/m).filter((part) => part.startsWith('diff --git '))
}

function headOf(part: string): string {
  return part.split(/^(?:@@ |GIT binary patch|Binary files )/m, 1)[0] as string
}

/** Returns the hunks of a file's part, without the names and ids before them. */
function bodyOf(part: string): string {
  return part.slice(headOf(part).length)
}

function parseQuietly(
  parse: (text: string) => readonly StructuredPatch[],
  part: string
): StructuredPatch | undefined {
  try {
    return parse(part)[0]
  } catch {
    const head = headOf(part).replace(/^(---|\+\+\+) .*\n/gm, '')
    return head === part ? undefined : parseQuietly(parse, head)
  }
}

function differenceOf(parsed: StructuredPatch, isBinary: boolean): FileDifference {
  const { isCreate, isDelete, hunks } = parsed
  const [before, after] = [parsed.oldFileName, parsed.newFileName].map(withoutPrefix)
  const path = (isDelete ? before : after) ?? before ?? '?'
  const isRenamed = parsed.isRename === true && before !== undefined && before !== path
  return {
    path,
    ...(isRenamed ? { pathBefore: before } : {}),
    change: isCreate ? 'added' : isDelete ? 'removed' : 'changed',
    isBinary,
    isOfPatches: false,
    hunks: hunks.map((hunk) => readHunk(hunk))
  }
}

/** Takes away the `a/` or `b/` before a name in a patch. */
function withoutPrefix(name: string | undefined): string | undefined {
  return name === undefined || name === '/dev/null' ? undefined : name.replace(/^[ab]\//, '')
}
