/** Shell patterns of the base names of files that are likely to hold secrets. */
export const SECRET_FILE_PATTERNS = ['.env*', '*.pem', 'id_*', '*.key', '.netrc'] as const

const EXPRESSION = new RegExp(
  `^(${SECRET_FILE_PATTERNS.map((pattern) =>
    pattern.replaceAll('.', '\\.').replaceAll('*', '.*')
  ).join('|')})$`,
  'is'
)

/** Tells by a file's name whether its content is kept out of patches. */
export function isSecretFile(path: string): boolean {
  return EXPRESSION.test(path.slice(path.lastIndexOf('/') + 1))
}
