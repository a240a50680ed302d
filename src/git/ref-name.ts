import { gitErrors } from './errors.ts'

/** No file system has longer ones, and comparing many long ones takes long. */
export const REF_MAX_LENGTH = 4096

/**
 * Refuses a name that git takes for no ref (git-check-ref-format(1)): `HEAD` and its like, or
 * `refs/…`.
 *
 * @throws GIT_REF_NAME
 */
export function checkRefName(ref: string): void {
  const reason = refuseRefName(ref)
  if (reason !== undefined) throw gitErrors.create('GIT_REF_NAME', { ref, reason })
}

/** Tells whether a text is the name of a ref. */
export function isRefName(ref: string): boolean {
  return refuseRefName(ref) === undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses exactly these.
const REFUSED = /[\u0000- \u007f~^:?*[\\]/

function refuseRefName(ref: string): string | undefined {
  if (ref.length > REF_MAX_LENGTH) return `it has more than ${REF_MAX_LENGTH} characters`
  if (!/^[A-Z][A-Z_]*$/.test(ref) && !/^refs\/./.test(ref)) return 'it does not begin with refs/'
  const parts = ref.split('/')
  if (parts.some((part) => part === '')) return 'a part of it is empty'
  if (parts.some((part) => part.startsWith('.'))) return 'a part of it begins with a dot'
  if (parts.some((part) => part.endsWith('.lock'))) return 'a part of it ends in .lock'
  if (ref.endsWith('.')) return 'it ends in a dot'
  if (ref.includes('..')) return 'it has two dots in a row'
  if (ref.includes('@{')) return 'it has @{'
  if (/\p{Surrogate}/u.test(ref)) return 'it is not valid Unicode'
  return REFUSED.test(ref) ? 'it has a character that no ref may have' : undefined
}
