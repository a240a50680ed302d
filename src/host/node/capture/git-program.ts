import { type ChildProcess, spawn } from 'node:child_process'
import { concatBytes, decodeUtf8 } from '../../../base/bytes.ts'
import type { Variables } from '../../../base/capture.ts'
import { captureErrors } from './errors.ts'

/** What every call of git in one capture shares. */
export interface GitContext {
  readonly folder: string
  readonly env: Variables
  readonly signal: AbortSignal
}

export interface GitAnswer {
  readonly exitCode: number
  readonly output: Uint8Array
  readonly complaint: string
  /** Whether the output was longer than `maxBytes`; git was stopped then. */
  readonly cut: boolean
}

export interface GitOptions {
  /** Settings that win over the user's. Default: none. */
  readonly settings?: readonly string[]
  /** What git reads from its standard input. Default: none. */
  readonly input?: Uint8Array
  /** Default: unlimited. */
  readonly maxBytes?: number
}

/** Nothing of the user's may run or be written while git reads: no hooks, no watcher, no refresh. */
const ALWAYS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.splitIndex=false',
  'core.safecrlf=false',
  'index.sparse=false',
  'core.fsync=none'
]

/**
 * Runs git and returns what it said, whatever its exit code.
 *
 * @throws CAPTURE_GIT_MISSING if there is no such program; the signal's reason when it aborts.
 */
export function askGit(
  context: GitContext,
  args: readonly string[],
  options: GitOptions = {}
): Promise<GitAnswer> {
  const settings = [...ALWAYS, ...(options.settings ?? [])].flatMap((setting) => ['-c', setting])
  return new Promise((resolve, reject) => {
    context.signal.throwIfAborted()
    const child = spawn('git', [...settings, ...args], {
      cwd: context.folder,
      env: context.env,
      // A group of its own, so that the filters that git starts can be ended with it.
      detached: process.platform !== 'win32',
      windowsHide: true
    })
    const output = new Collector(options.maxBytes ?? Number.POSITIVE_INFINITY, () =>
      endGroup(child)
    )
    const complaint = new Collector(100_000, () => undefined)
    const abort = (): void => {
      endGroup(child)
      reject(context.signal.reason)
    }
    context.signal.addEventListener('abort', abort, { once: true })
    child.stdout.on('data', (bytes: Uint8Array) => output.add(bytes))
    child.stderr.on('data', (bytes: Uint8Array) => complaint.add(bytes))
    // A git that ends before it has read its input closes the pipe; its exit code tells why.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input)
    child.on('error', (error) => {
      context.signal.removeEventListener('abort', abort)
      reject(startFailure(args, error))
    })
    child.on('close', (exitCode) => {
      context.signal.removeEventListener('abort', abort)
      const { bytes, cut } = output
      const said = decodeUtf8(complaint.bytes)
      resolve({ exitCode: exitCode ?? -1, output: bytes, complaint: said, cut })
    })
  })
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid === undefined || process.platform === 'win32') child.kill()
    else process.kill(-child.pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}

function startFailure(args: readonly string[], error: NodeJS.ErrnoException): Error {
  return error.code === 'ENOENT'
    ? captureErrors.create('CAPTURE_GIT_MISSING', undefined, error)
    : captureErrors.create('CAPTURE_GIT_FAILED', gitFailure(args, error.message), error)
}

/**
 * Runs git and returns its output.
 *
 * @throws CAPTURE_GIT_FAILED if it ends with another exit code than 0.
 */
export async function runGit(
  context: GitContext,
  args: readonly string[],
  options: GitOptions = {}
): Promise<Uint8Array> {
  const { exitCode, output, complaint } = await askGit(context, args, options)
  if (exitCode === 0) return output
  const reason = firstLine(complaint) || `exit code ${exitCode}`
  throw captureErrors.create('CAPTURE_GIT_FAILED', gitFailure(args, reason))
}

/** Returns the most telling line of what git complained. */
export function firstLine(complaint: string): string {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => line.startsWith('fatal:')) ?? lines[0] ?? ''
}

/**
 * Text with a character for each byte, as git prints and reads it: a path need not be UTF-8, and must
 * come back to git as it was.
 */
export type RawText = string & { readonly __brand?: 'RawText' }

/** Splits output that is terminated by NUL. */
export function splitNul(output: Uint8Array): RawText[] {
  const parts = Buffer.from(output.buffer, output.byteOffset, output.length)
    .toString('latin1')
    .split('\0')
  if (parts.at(-1) === '') parts.pop()
  return parts
}

/** Returns the text that raw text stands for. */
export function readable(raw: RawText): string {
  return decodeUtf8(rawBytes(raw))
}

/** Returns a text as git would print it. */
export function rawText(text: string): RawText {
  return Buffer.from(text).toString('latin1')
}

export function rawBytes(raw: RawText): Uint8Array {
  return Buffer.from(raw, 'latin1')
}

/**
 * Returns an environment in which git finds the repository by itself, as it does on a terminal: a hook
 * that starts an experiment hands down where its own repository, index and objects are.
 */
export function gitEnvironment(env: Variables): Variables {
  const cleaned: Record<string, string | undefined> = { ...env }
  for (const name of Object.keys(env)) {
    if (/^GIT_/.test(name) && !KEPT.test(name)) delete cleaned[name]
  }
  cleaned.GIT_OPTIONAL_LOCKS = '0'
  cleaned.GIT_TERMINAL_PROMPT = '0'
  cleaned.GIT_NO_LAZY_FETCH = '1'
  cleaned.GIT_NO_REPLACE_OBJECTS = '1'
  cleaned.LC_ALL = 'C'
  return cleaned
}

const KEPT =
  /^GIT_(CONFIG|ATTR_|EXEC_PATH|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|SSH|ASKPASS)/

class Collector {
  readonly #parts: Uint8Array[] = []
  readonly #maxBytes: number
  readonly #onCut: () => void
  #size = 0

  constructor(maxBytes: number, onCut: () => void) {
    this.#maxBytes = maxBytes
    this.#onCut = onCut
  }

  add(bytes: Uint8Array): void {
    if (this.cut) return
    this.#size += bytes.length
    if (this.cut) this.#onCut()
    else this.#parts.push(bytes)
  }

  get cut(): boolean {
    return this.#size > this.#maxBytes
  }

  get bytes(): Uint8Array {
    return concatBytes(this.#parts)
  }
}

function gitFailure(args: readonly string[], reason: string): { command: string; reason: string } {
  return { command: args[0] ?? '', reason }
}
