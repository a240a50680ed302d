import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { isJsonObject } from '../../../base/json.ts'
import { mapLimited } from '../../../base/tasks.ts'
import { digestFile } from './git-objects.ts'

/** Files in which package managers write down the versions that they install. */
const LOCK_FILE = new RegExp(
  `^(${[
    'package-lock\\.json|npm-shrinkwrap\\.json|yarn\\.lock|pnpm-lock\\.yaml|bun\\.lockb?|deno\\.lock',
    'requirements.*\\.txt|constraints.*\\.txt|poetry\\.lock|uv\\.lock|pdm\\.lock|pylock.*\\.toml',
    'Pipfile\\.lock|environment\\.ya?ml|conda-lock\\.ya?ml|pixi\\.lock',
    'Cargo\\.lock|go\\.sum|renv\\.lock|Manifest\\.toml|Gemfile\\.lock|composer\\.lock|flake\\.lock'
  ].join('|')})$`
)

/** Digests the lock files of some folders with SHA-256, by path relative to the first. */
export async function digestLockFiles(
  folders: readonly string[],
  signal?: AbortSignal
): Promise<{ readonly [path: string]: string }> {
  const base = folders[0] ?? ''
  const files: string[] = []
  for (const folder of new Set(folders)) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (LOCK_FILE.test(entry.name) && !entry.isDirectory()) files.push(join(folder, entry.name))
    }
  }
  const digests = await mapLimited(files.sort(), 4, async (file) => {
    const digest = await digestFile(file, signal).catch(() => undefined)
    return [relative(base, file).split(sep).join('/'), digest?.sha256] as const
  })
  signal?.throwIfAborted()
  return Object.fromEntries(digests.filter((entry): entry is [string, string] => !!entry[1]))
}

/** Reads the installed versions of the direct dependencies of the folders' Node packages. */
export async function readPackageVersions(
  folders: readonly string[]
): Promise<{ readonly [name: string]: string }> {
  const versions: Record<string, string> = {}
  for (const folder of new Set(folders)) {
    const manifest = await readJson(join(folder, 'package.json'))
    if (!isJsonObject(manifest)) continue
    const names = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
      .flatMap((field) => (isJsonObject(manifest[field]) ? Object.keys(manifest[field]) : []))
      .filter((name) => versions[name] === undefined)
    await mapLimited([...new Set(names)], 16, async (name) => {
      const version = await installedVersion(folder, name)
      if (version !== undefined) versions[name] = version
    })
  }
  return Object.fromEntries(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Looks a package up as Node does: in `node_modules` of the folder, then of those above. */
async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  for (let path = folder; ; path = dirname(path)) {
    const manifest = await readJson(join(path, 'node_modules', name, 'package.json'))
    if (isJsonObject(manifest) && typeof manifest.version === 'string') return manifest.version
    if (dirname(path) === path) return undefined
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
