import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { backoffMs } from '../base/tasks.ts'
import { gitErrors } from './errors.ts'

/** Settings of one subsection, such as `remote "origin"`, in order; a key may occur more than once. */
export interface ConfigSection {
  readonly section: string
  readonly subsection: string
  readonly settings: readonly (readonly [key: string, value: string])[]
}

const LOCK_ATTEMPTS = 40

/**
 * Replaces a subsection of a config file, or removes it if there are no settings; every other line
 * stays as it is.
 */
export function replaceSection(text: string, section: ConfigSection): string {
  const kept: string[] = []
  let inside = false
  for (const line of text.split(/(?<=\n)/)) {
    const header = /^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/.exec(line)
    if (header !== null) {
      const subsection = (header[2] ?? '').replace(/\\(.)/g, '$1')
      inside = header[1]?.toLowerCase() === section.section && subsection === section.subsection
    }
    if (!inside) kept.push(line)
  }
  const rest = kept.join('')
  if (section.settings.length === 0) return rest
  const lines = section.settings.map(([key, value]) => `\t${key} = ${quote(value)}\n`)
  const name = `[${section.section} "${section.subsection.replace(/["\\]/g, '\\$&')}"]\n`
  return `${rest}${rest === '' || rest.endsWith('\n') ? '' : '\n'}${name}${lines.join('')}`
}

/** Changes a repository's config file under git's lock, durably. @throws GIT_REF_LOCKED */
export async function editConfig(
  fs: FileSystem,
  platform: Pick<Platform, 'random' | 'timers'>,
  path: string,
  edit: (text: string) => string
): Promise<void> {
  const lock = `${path}.lock`
  for (let attempt = 0; !(await fs.create(lock, new Uint8Array())); attempt++) {
    if (attempt === LOCK_ATTEMPTS) {
      throw gitErrors.create('GIT_REF_LOCKED', { ref: 'config', path: lock, ageMs: undefined })
    }
    const random = (platform.random.bytes(1)[0] as number) / 255
    await platform.timers.sleep(backoffMs(attempt, { firstMs: 2, capMs: 250, random }))
  }
  try {
    const bytes = await fs.read(path)
    const text = edit(bytes === undefined ? '' : decodeUtf8(bytes))
    await fs.write(lock, encodeUtf8(text), { sync: true })
    await fs.rename(lock, path)
  } catch (error) {
    await fs.remove(lock)
    throw error
  }
  await fs.syncFolder(path.slice(0, path.lastIndexOf('/')))
}

function quote(value: string): string {
  if (/^[\w@:/.~+-]+$/.test(value)) return value
  const escaped = value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return `"${escaped}"`
}
