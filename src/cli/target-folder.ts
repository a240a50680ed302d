import { encodeUtf8 } from '../base/bytes.ts'
import type { Context, Files } from './context.ts'
import { cliErrors } from './errors.ts'
import { warn } from './print.ts'

/** A folder into which a command writes files, and nowhere else. */
export interface TargetFolder {
  /** Writes a file below the folder; the names are made safe. @throws CLI_PATH_UNSAFE */
  write(names: readonly string[], content: Uint8Array | string): Promise<void>
}

/** Says of a folder that held something before how many files were written, when that ended too early. */
export function leftIn(
  context: Pick<Context, 'err' | 'colors'>,
  folder: string
): (written: number) => void {
  return (written) => {
    const files = `${written} ${written === 1 ? 'file' : 'files'}`
    warn(context, `Not all is in ${folder}: ${files} came before it ended. Call it again.`)
  }
}

/**
 * Lets a body write into a folder, which is made if it is absent. If that fails or is stopped, there is nothing in
 * it but what was there before; into one that is not empty so many files were `written`, which `onLeft` hears.
 * A folder that was absent is beside its place until the end, as `<folder>.….part`.
 *
 * @throws CLI_FOLDER_NOT_EMPTY unless `force` is given.
 */
export async function writeInto<T>(
  files: Files,
  folder: string,
  options: { readonly force: boolean; readonly onLeft: (written: number) => void },
  body: (target: TargetFolder) => Promise<T>
): Promise<T> {
  const path = files.resolve(folder)
  const before = await files.list(path)
  if (before !== undefined && before.length > 0 && !options.force) {
    throw cliErrors.create('CLI_FOLDER_NOT_EMPTY', { path: folder })
  }
  const place = before === undefined ? `${path}.${crypto.randomUUID().slice(0, 8)}.part` : path
  let written = 0
  try {
    await files.makeFolder(place)
    const write = openPlace(files, place)
    const result = await body({
      async write(names, content) {
        written += 1
        await write(names, content)
      }
    })
    if (before === undefined) await files.rename(place, path)
    return result
  } catch (error) {
    if (before === undefined) await files.removeFolder(place)
    else if (before.length === 0) await empty(files, path)
    else options.onLeft(written)
    throw error
  }
}

async function empty(files: Files, path: string): Promise<void> {
  for (const { name, kind } of (await files.list(path)) ?? []) {
    if (kind === 'folder') await files.removeFolder(`${path}/${name}`)
    else await files.remove(`${path}/${name}`)
  }
}

/**
 * Opens a folder for writing. Every name becomes one file name on any system, and no link is followed, so nothing
 * is written outside the folder, whatever names a project holds.
 */
function openPlace(files: Files, path: string): TargetFolder['write'] {
  const made = new Set<string>()
  return async (names, content) => {
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
