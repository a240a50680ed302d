import type { Files } from './context.ts'
import { cliErrors, usageError } from './errors.ts'

/** Checks that a file may be written there. @throws CLI_FOLDER_MISSING, CLI_PATH_UNSAFE, CLI_USAGE */
export async function checkTarget(
  files: Files,
  { path, force }: { readonly path: string; readonly force: boolean }
): Promise<void> {
  const resolved = files.resolve(path)
  const folder = folderOf(resolved)
  if ((await files.stat(folder)) === undefined) {
    throw cliErrors.create('CLI_FOLDER_MISSING', { path: folder })
  }
  const found = await files.stat(resolved)
  if (found === undefined) return
  if (found.kind === 'folder' || found.kind === 'other') {
    const reason = found.kind === 'folder' ? 'it is a folder' : 'it is no file'
    throw cliErrors.create('CLI_PATH_UNSAFE', { path, reason })
  }
  if (!force) throw usageError(`The file ${path} is there already; --force writes over it.`)
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.search(/[/\\][^/\\]*$/)))
}

/** Writes a file beside its place and moves it there at the end; if anything fails nothing is left. */
export async function writeWhole(
  files: Files,
  path: string,
  chunks: AsyncIterable<Uint8Array>
): Promise<void> {
  const beside = `${path}.${crypto.randomUUID().slice(0, 8)}.part`
  const file = await files.openNew(beside)
  try {
    try {
      for await (const chunk of chunks) file.append(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(beside, path)
  } catch (error) {
    await files.remove(beside)
    throw error
  }
}
