import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Lists the files under a folder that match glob patterns as git's pathspecs of the kind `glob` do:
 * `*`, `?` and `[…]` stop at slashes, `**` does not. Repositories inside are not entered.
 */
export async function listMatching(
  folder: string,
  patterns: readonly string[],
  signal?: AbortSignal
): Promise<readonly string[]> {
  const expressions = patterns.map(globExpression)
  const found: string[] = []
  const visit = async (path: string): Promise<void> => {
    signal?.throwIfAborted()
    const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => [])
    if (path !== '' && entries.some((entry) => entry.name === '.git')) return
    for (const entry of entries) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && patterns.some((pattern) => mayHold(child, pattern))) {
          await visit(child)
        }
      } else if (expressions.some((expression) => expression.test(child))) {
        found.push(child)
      }
    }
  }
  if (patterns.length > 0) await visit('')
  return found
}

/** Makes the expression of a glob pattern; one without wildcards also matches what lies under it. */
export function globExpression(pattern: string): RegExp {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i)
    const set = /^\[(!|\^)?(\]?[^\]]*)\]/.exec(rest)
    if (rest.startsWith('**/')) {
      source += '(?:.*/)?'
      i += 2
    } else if (rest.startsWith('**')) {
      source += '.*'
      i += 1
    } else if (rest[0] === '*') {
      source += '[^/]*'
    } else if (rest[0] === '?') {
      source += '[^/]'
    } else if (set) {
      source += `(?!/)[${set[1] ? '^' : ''}${(set[2] as string).replace(/[\\\]^]/g, '\\$&')}]`
      i += set[0].length - 1
    } else {
      source += (rest[0] as string).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    }
  }
  const isFixed = !/[*?[]/.test(pattern)
  return new RegExp(`^${source.replace(/\/$/, '')}${isFixed ? '(?:/.*)?' : ''}$`, 's')
}

/** Tells whether a folder can hold what a pattern matches, by the part before its first wildcard. */
function mayHold(folder: string, pattern: string): boolean {
  const fixed = (/^[^*?[]*/.exec(pattern) as RegExpExecArray)[0]
  return fixed.startsWith(`${folder}/`) || `${folder}/`.startsWith(fixed)
}
