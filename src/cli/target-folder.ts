import { encodeUtf8 } from '../base/bytes.ts'
import type { Files } from './context.ts'
import { cliErrors } from './errors.ts'

/** A folder into which a command writes files, and nowhere else. */
export interface TargetFolder {
  readonly path: string
  /** Writes a file below the folder; the names are made safe. @throws CLI_PATH_UNSAFE */
  write(names: readonly string[], content: Uint8Array | string): Promise<void>
}

/**
 * Opens a folder for writing; makes it if it is absent.
 *
 * Every name becomes one file name on any system, and no link is followed, so nothing is written
 * outside the folder, whatever names a project holds.
 *
 * @throws CLI_FOLDER_NOT_EMPTY unless `force` is given.
 */
export async function openTargetFolder(
  files: Files,
  folder: string,
  options: { readonly force: boolean }
): Promise<TargetFolder> {
  const path = files.resolve(folder)
  const before = await files.list(path)
  if (before !== undefined && before.length > 0 && !options.force) {
    throw cliErrors.create('CLI_FOLDER_NOT_EMPTY', { path: folder })
  }
  await files.makeFolder(path)
  const made = new Set<string>()
  return {
    path,
    async write(names, content) {
      const safe = names.map(safeName)
      let at = path
      for (const name of safe.slice(0, -1)) {
        at = `${at}/${name}`
        if (made.has(at)) continue
        await requireFolder(files, at)
        made.add(at)
      }
      const file = `${at}/${safe.at(-1) ?? '_'}`
      const found = await files.stat(file)
      if (found?.kind === 'folder') {
        throw cliErrors.create('CLI_PATH_UNSAFE', { path: file, reason: 'it is a folder' })
      }
      // What is there is replaced, never written into: it may be a link, or have another name elsewhere.
      if (found !== undefined) await files.remove(file)
      await files.write(file, typeof content === 'string' ? encodeUtf8(content) : content)
    }
  }
}

async function requireFolder(files: Files, path: string): Promise<void> {
  const found = await files.stat(path)
  if (found === undefined) return files.makeFolder(path)
  if (found.kind !== 'folder') {
    throw cliErrors.create('CLI_PATH_UNSAFE', { path, reason: `it is a ${found.kind}` })
  }
}

const UNSAFE = /[\p{Cc}%<>:"/\\|?*]/gu
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** Percent-encodes what is no file name on some system: separators, `..`, device names, trailing dots. */
export function safeName(name: string): string {
  if (name === '') return '_'
  return name
    .replace(UNSAFE, percent)
    .replace(/^\.+$/, (dots) => percent('.').repeat(dots.length))
    .replace(/[. ]$/, percent)
    .replace(DEVICE, (device) => percent(device[0] as string) + device.slice(1))
}

function percent(character: string): string {
  return [...encodeUtf8(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}
