/**
 * Tells whether an `import()` failed because of the network, which says nothing of what was to be read with it;
 * browsers have words for that, but no code.
 */
export function isMissingPart(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /dynamically imported module|importing a module script failed/i.test(error.message)
  )
}
