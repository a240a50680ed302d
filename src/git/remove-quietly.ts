import type { FileSystem } from '../base/platform.ts'

/** Removes files after a failure, whose error is the one that counts. */
export async function removeQuietly(
  fs: Pick<FileSystem, 'remove'>,
  paths: readonly string[]
): Promise<void> {
  await Promise.allSettled(paths.map((path) => fs.remove(path)))
}
