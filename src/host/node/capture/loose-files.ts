import { lstat, readFile, readlink } from 'node:fs/promises'
import {
  compareCodePoints,
  concatBytes,
  decodeStrictUtf8,
  encodeUtf8
} from '../../../base/bytes.ts'
import { hashObject, hashTree } from './git-objects.ts'
import { rawText } from './git-program.ts'
import { isSecretFile } from './secret-file.ts'

/** Files outside a repository, as a tree. */
export interface LooseFiles {
  readonly treeOid: string
  /** Paths in the tree, in order. */
  readonly paths: readonly string[]
  /** Leads from nothing to the tree, without secrets and without `binaries`. */
  readonly patch: Uint8Array
  /** Those of the files that are no text. */
  readonly binaries: readonly string[]
}

interface LooseFile {
  readonly path: string
  readonly mode: string
  readonly oid: string
  readonly bytes: Uint8Array
}

/**
 * Reads files and names their tree without the git program; `undefined` if none of them exists.
 *
 * @param places where each file is, by its path in the tree.
 */
export async function readLooseFiles(
  places: ReadonlyMap<string, string>
): Promise<LooseFiles | undefined> {
  const files: LooseFile[] = []
  for (const path of [...places.keys()].sort(compareCodePoints)) {
    const file = await readFileOrLink(places.get(path) as string)
    if (!file) continue
    files.push({
      path,
      mode: file.mode,
      oid: hashObject('blob', file.bytes),
      bytes: file.bytes
    })
  }
  if (files.length === 0) return undefined
  const sections: Uint8Array[] = []
  const binaries: string[] = []
  for (const file of files) {
    if (isSecretFile(file.path)) continue
    const section = formatNewFile(file)
    if (section) sections.push(section)
    else binaries.push(file.path)
  }
  const paths = files.map((file) => file.path)
  return {
    treeOid: hashTree(files.map((file) => ({ ...file, path: rawText(file.path) }))),
    paths,
    patch: concatBytes(sections),
    binaries
  }
}

async function readFileOrLink(
  path: string
): Promise<{ readonly mode: string; readonly bytes: Uint8Array } | undefined> {
  try {
    const stat = await lstat(path)
    if (stat.isSymbolicLink()) return { mode: '120000', bytes: encodeUtf8(await readlink(path)) }
    if (!stat.isFile()) return undefined
    return { mode: (stat.mode & 0o100) !== 0 ? '100755' : '100644', bytes: await readFile(path) }
  } catch {
    return undefined
  }
}

/** Writes a file that is new, as `git diff --full-index` does; `undefined` if it is no text. */
function formatNewFile({ path, mode, oid, bytes }: LooseFile): Uint8Array | undefined {
  const text = decodeStrictUtf8(bytes)
  if (text === undefined || text.includes('\0')) return undefined
  const before = quotePath(`a/${path}`)
  const after = quotePath(`b/${path}`)
  const head =
    `diff --git ${before} ${after}\nnew file mode ${mode}\n` + `index ${'0'.repeat(40)}..${oid}\n`
  if (text === '') return encodeUtf8(head)
  const complete = text.endsWith('\n')
  const lines = (complete ? text.slice(0, -1) : text).split('\n')
  const range = lines.length === 1 ? '+1' : `+1,${lines.length}`
  // Git ends a name that has a space with a tab, so that a date could follow it.
  const named = after.includes(' ') && !after.startsWith('"') ? `${after}\t` : after
  return encodeUtf8(
    `${head}--- /dev/null\n+++ ${named}\n@@ -0,0 ${range} @@\n${lines.map((line) => `+${line}\n`).join('')}` +
      (complete ? '' : '\\ No newline at end of file\n')
  )
}

const ESCAPES: { readonly [character: string]: string } = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\'
}

/** Quotes a path as git does with its Default setting of `core.quotePath`. */
function quotePath(path: string): string {
  let quoted = ''
  for (const byte of encodeUtf8(path)) {
    const character = String.fromCharCode(byte)
    const plain = byte >= 0x20 && byte < 0x7f
    quoted += ESCAPES[character] ?? (plain ? character : `\\${byte.toString(8).padStart(3, '0')}`)
  }
  return quoted === path ? path : `"${quoted}"`
}
