import { gitErrors } from './errors.ts'

/** Code points that HFS+ leaves out when it compares names. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu

/**
 * Refuses a name that git does not take into a tree.
 *
 * `.git` is refused in every spelling that some file system takes for it, as `git fsck` does.
 *
 * @throws GIT_TREE_NAME
 */
export function checkTreeName(name: string): void {
  const reason = refuseTreeName(name)
  if (reason !== undefined) throw gitErrors.create('GIT_TREE_NAME', { name, reason })
}

/** Nearly every name: nothing in it that some system could take for something else. */
const PLAIN = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/

function refuseTreeName(name: string): string | undefined {
  if (PLAIN.test(name)) return undefined
  if (name === '') return 'it is empty'
  if (name === '.' || name === '..') return 'it stands for a folder itself'
  if (name.includes('/')) return 'it has a slash'
  if (name.includes('\0')) return 'it has a NUL'
  if (/\p{Surrogate}/u.test(name)) return 'it is not valid Unicode'
  if (!/g/i.test(name)) return undefined
  return name.split('\\').some(isDotGit) ? 'some file systems take it for .git' : undefined
}

function isDotGit(name: string): boolean {
  const plain = name.replace(HFS_IGNORED, '').toLowerCase()
  const beforeStream = (plain.split(':')[0] as string).replace(/[. ]+$/, '')
  return beforeStream === '.git' || beforeStream === 'git~1'
}
