import type { FileSystem } from '../base/platform.ts'
import type { GitConfig } from './config.ts'

/** The bits that every file of a shared repository bears, or all that it bears if `isExact`. */
interface SharedMode {
  readonly bits: number
  readonly isExact: boolean
}

const GROUP = 0o660
const EVERYBODY = 0o664
const SET_GROUP = 0o2000

/**
 * Returns the file system that a repository is written through: with `core.sharedRepository`
 * (git-config(1)), files and folders that are made get the rights that it asks for.
 */
export function sharedFiles(fs: FileSystem, config: GitConfig): FileSystem {
  const shared = parseShared(config.get('core.sharedrepository'))
  if (shared === undefined) return fs
  const adjust = async (path: string): Promise<void> => {
    const stat = await fs.stat(path)
    if (stat === undefined) return
    const mode = sharedModeOf(shared, stat.mode, stat.kind === 'folder')
    if (mode !== stat.mode) await fs.setMode(path, mode)
  }
  return {
    ...fs,
    async create(path, bytes, options) {
      const isMade = await fs.create(path, bytes, options)
      if (isMade) await adjust(path)
      return isMade
    },
    async write(path, bytes, options) {
      const isNew = (await fs.stat(path)) === undefined
      await fs.write(path, bytes, options)
      if (isNew) await adjust(path)
    },
    async openAppend(path) {
      const isNew = (await fs.stat(path)) === undefined
      const file = await fs.openAppend(path)
      if (isNew) await adjust(path)
      return file
    },
    async setMode(path, mode) {
      const kind = (await fs.stat(path))?.kind
      return fs.setMode(path, sharedModeOf(shared, mode, kind === 'folder'))
    },
    async makeFolder(path) {
      const made: string[] = []
      for (let at = path; at !== '' && (await fs.stat(at)) === undefined; ) {
        made.unshift(at)
        at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
      }
      await fs.makeFolder(path)
      for (const folder of made) await adjust(folder)
    }
  }
}

function parseShared(value: string | undefined): SharedMode | undefined {
  switch (value?.toLowerCase()) {
    case undefined:
    case '':
    case 'umask':
    case 'false':
    case 'no':
    case 'off':
    case '0':
      return undefined
    case 'group':
    case 'true':
    case 'yes':
    case 'on':
    case '1':
      return { bits: GROUP, isExact: false }
    case 'all':
    case 'world':
    case 'everybody':
    case '2':
      return { bits: EVERYBODY, isExact: false }
    default:
      return /^0?[0-7]{3}$/.test(value as string)
        ? { bits: Number.parseInt(value as string, 8) & 0o666, isExact: true }
        : undefined
  }
}

/** As git computes it: no right to write where the owner has none, and folders can be entered. */
function sharedModeOf({ bits, isExact }: SharedMode, mode: number, isFolder: boolean): number {
  let tweak = bits
  if ((mode & 0o200) === 0) tweak &= ~0o222
  if ((mode & 0o100) !== 0) tweak |= (tweak & 0o444) >> 2
  const changed = isExact ? (mode & ~0o777) | tweak : mode | tweak
  return isFolder ? changed | SET_GROUP : changed
}
