/** Joins names to a field path; `~` and `/` in a name become `~0` and `~1`, as in JSON pointers. */
export function formatFieldPath(...names: readonly string[]): string {
  return names.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
}

/** Splits a field path into its field and, if it names one, the member. */
export function parseFieldPath(fieldPath: string): { field: string; member?: string } {
  const slash = fieldPath.indexOf('/')
  if (slash < 0) return { field: unescapeName(fieldPath) }
  return {
    field: unescapeName(fieldPath.slice(0, slash)),
    member: unescapeName(fieldPath.slice(slash + 1))
  }
}

function unescapeName(text: string): string {
  return text.replaceAll('~1', '/').replaceAll('~0', '~')
}
