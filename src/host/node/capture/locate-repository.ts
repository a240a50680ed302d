import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { decodeUtf8 } from '../../../base/bytes.ts'
import { withoutCredentials } from '../../../base/redact.ts'
import { captureErrors } from './errors.ts'
import { askGit, firstLine, type GitContext, readable, runGit, splitNul } from './git-program.ts'

/** Where a repository and its parts lie. */
export interface RepositoryPlace {
  readonly topLevel: string
  readonly gitFolder: string
  /** The folder that all work trees of the repository share. */
  readonly commonFolder: string
  readonly shallow: boolean
  readonly objectFormat: 'sha1' | 'sha256'
  readonly headCommitOid?: string
  readonly headTreeOid?: string
  readonly branch?: string
}

/**
 * Finds the repository that holds a folder; `undefined` if there is none with a work tree.
 *
 * @throws CAPTURE_GIT_REFUSED if git may not read it, as when another user owns it.
 */
export async function locateRepository(context: GitContext): Promise<RepositoryPlace | undefined> {
  const answer = await askGit(context, [
    'rev-parse',
    '--show-toplevel',
    '--absolute-git-dir',
    '--git-common-dir',
    '--is-shallow-repository',
    '--show-object-format',
    'HEAD',
    'HEAD^{tree}',
    '--symbolic-full-name',
    'HEAD'
  ])
  const lines = decodeUtf8(answer.output).split('\n')
  const [topLevel, gitFolder, commonFolder, shallow, objectFormat] = lines
  const format = objectFormat === 'sha1' || objectFormat === 'sha256' ? objectFormat : undefined
  if (!topLevel || !gitFolder || !commonFolder || !format) {
    if (/not a git repository|must be run in a work tree/.test(answer.complaint)) return undefined
    const reason = firstLine(answer.complaint) || 'its folder has a line feed in its name.'
    throw captureErrors.create('CAPTURE_GIT_REFUSED', { folder: context.folder, reason })
  }
  const place: RepositoryPlace = {
    topLevel: resolve(topLevel),
    gitFolder: resolve(gitFolder),
    commonFolder: resolve(context.folder, commonFolder),
    shallow: shallow === 'true',
    objectFormat: format
  }
  const [headCommitOid, headTreeOid, head] = lines.slice(5)
  if (answer.exitCode !== 0 || !headCommitOid || !headTreeOid) {
    return { ...place, ...branchOf(await unbornHead(place.gitFolder)) }
  }
  return { ...place, headCommitOid, headTreeOid, ...branchOf(head) }
}

/** What the repository's configuration says of remotes and filters. */
export interface RepositorySettings {
  readonly remotes: { readonly [name: string]: string }
  /** Names of filter drivers. */
  readonly filters: readonly string[]
}

export async function readSettings(context: GitContext): Promise<RepositorySettings> {
  const answer = await askGit(context, [
    'config',
    '-z',
    '--get-regexp',
    '^(remote\\..*\\.url|filter\\..*\\.(clean|process|required))$'
  ])
  const remotes: Record<string, string> = {}
  const filters = new Set<string>()
  for (const entry of splitNul(answer.output)) {
    const [key = '', ...value] = readable(entry).split('\n')
    const name = key.slice(key.indexOf('.') + 1, key.lastIndexOf('.'))
    if (key.startsWith('filter.')) filters.add(name)
    else remotes[name] ??= withoutCredentials(value.join('\n'))
  }
  return { remotes, filters: [...filters] }
}

/** Returns the name by which people know a repository. */
export function repositoryName(
  place: RepositoryPlace,
  remotes: RepositorySettings['remotes']
): string {
  const url = remotes.origin ?? Object.values(remotes)[0]
  const remoteName = url && lastName(url)
  if (remoteName) return remoteName
  const shared = basename(place.commonFolder)
  if (shared === '.git') return basename(dirname(place.commonFolder))
  // A bare repository with work trees beside it bears its name itself.
  const isModule = /[\\/]\.git[\\/]modules[\\/]/.test(place.commonFolder)
  return shared.endsWith('.git') && !isModule ? shared.slice(0, -4) : basename(place.topLevel)
}

/** Lists the submodules' paths that the work tree declares. */
export async function listSubmodulePaths(
  context: GitContext,
  topLevel: string
): Promise<readonly string[]> {
  const file = join(topLevel, '.gitmodules')
  if ((await readFile(file).catch(() => undefined)) === undefined) return []
  const args = ['config', '-z', '--file', file, '--get-regexp', '^submodule\\..*\\.path$']
  const entries = splitNul(await runGit(context, args).catch(() => new Uint8Array()))
  return entries.map((entry) => readable(entry.slice(entry.indexOf('\n') + 1)))
}

async function unbornHead(gitFolder: string): Promise<string | undefined> {
  const text = await readFile(join(gitFolder, 'HEAD'), 'utf8').catch(() => '')
  return /^ref: (.*)$/m.exec(text)?.[1]
}

function branchOf(head: string | undefined): { readonly branch?: string } {
  const branch = head && /^refs\/heads\/(.*)$/.exec(head)?.[1]
  return branch && branch !== '.invalid' ? { branch } : {}
}

function lastName(url: string): string {
  return (
    url
      .replace(/[\\/]+$/, '')
      .replace(/\.git$/, '')
      .replace(/[\\/]+$/, '')
      .split(/[\\/:]/)
      .at(-1) ?? ''
  )
}
