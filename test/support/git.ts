import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BUFFER_BYTES = 1 << 28

/** The environment in which git knows nothing of this machine's or this user's settings. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  return {
    ...Object.fromEntries(clean),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_AUTHOR_DATE: '1700000000 +0000',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    GIT_COMMITTER_DATE: '1700000000 +0000',
    LC_ALL: 'C',
    TZ: 'UTC',
    ...extra
  }
}

/** How git is run. */
export interface GitOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the git program in a folder and returns what it prints. Throws if it fails. */
export function git(folder: string, args: readonly string[], options: GitOptions = {}): string {
  return gitBytes(folder, args, options).toString('utf8')
}

/** Runs the git program in a folder and returns the bytes that it prints. Throws if it fails. */
export function gitBytes(
  folder: string,
  args: readonly string[],
  options: GitOptions = {}
): Buffer {
  return execFileSync('git', args, {
    cwd: folder,
    env: gitEnvironment(options.env),
    maxBuffer: BUFFER_BYTES,
    stdio: ['pipe', 'pipe', 'pipe'],
    input: options.input ?? ''
  })
}

/** Runs the git program in a folder and tells how it ended. */
export function tryGit(
  folder: string,
  args: readonly string[],
  options: GitOptions = {}
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: folder,
    env: gitEnvironment(options.env),
    maxBuffer: BUFFER_BYTES,
    encoding: 'utf8',
    input: options.input ?? ''
  })
  return { status, stdout, stderr }
}

/** Returns what is wrong with a repository in the eyes of `git fsck --strict`; `''` if nothing is. */
export function fsck(folder: string): string {
  const { status, stdout, stderr } = tryGit(folder, ['fsck', '--strict', '--full', '--no-dangling'])
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => !line.startsWith('notice: '))
  return status === 0 ? lines.join('\n').trim() : `status ${status}: ${stdout}${stderr}`
}

/** Runs a body with a temporary folder of its own, which is removed afterwards. */
export async function withTempFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeTempFolder()
  try {
    return await body(folder)
  } finally {
    removeTempFolder(folder)
  }
}

/** Makes a temporary folder; whoever calls it removes it. */
export function makeTempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'runtree-test-'))
}

/** Removes a temporary folder, into which git may still write in the background (`gc.autoDetach`). */
export function removeTempFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
}
