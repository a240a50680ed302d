import type { Context } from './context.ts'

const EXECUTABLE_BITS = 0o111

/**
 * Tells why a program could not be started, as the system's error code, before it is tried; `undefined`
 * if it could, or if only trying tells, as on Windows.
 */
export async function whyNotStarted(
  { env, files }: Pick<Context, 'env' | 'files'>,
  program: string
): Promise<'ENOENT' | 'EACCES' | undefined> {
  const isPath = program.includes('/')
  if (env.OS === 'Windows_NT' || (!isPath && env.PATH === undefined)) return undefined
  const folders = isPath ? [] : (env.PATH ?? '').split(':')
  const places = isPath ? [program] : folders.map((folder) => `${folder || '.'}/${program}`)
  let isFound = false
  for (const place of places) {
    const stat = await files.stat(files.resolve(place)).catch(() => undefined)
    if (stat === undefined || stat.kind === 'folder') continue
    if (stat.kind === 'link' || ((stat.mode ?? EXECUTABLE_BITS) & EXECUTABLE_BITS) !== 0) {
      return undefined
    }
    isFound = true
  }
  return isFound ? 'EACCES' : 'ENOENT'
}
