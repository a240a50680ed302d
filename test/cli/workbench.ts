import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'src/cli/main.ts')
const loader = import.meta.resolve('tsx')

/** What a call of the program gave. */
export interface Called {
  readonly status: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

/** How the program is called. */
export interface CallOptions {
  readonly stdin?: string
  readonly env?: { readonly [name: string]: string }
  readonly cwd?: string
  /** Told what is printed, with a function that sends a signal. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** A folder of its own with a home, in which the real program is called. */
export interface Workbench {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  call(args: readonly string[], options?: CallOptions): Promise<Called>
  /** Calls a program other than ours. */
  program(command: string, args: readonly string[], options?: CallOptions): Promise<Called>
  remove(): Promise<void>
}

export async function openWorkbench(): Promise<Workbench> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'runtree-cli-')))
  const home = join(folder, 'home')
  const work = join(folder, 'study')
  await mkdir(home)
  await mkdir(work)
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    COLUMNS: '120'
  }
  const program: Workbench['program'] = (command, args, options = {}) =>
    callProgram(command, args, {
      ...options,
      cwd: options.cwd ?? work,
      env: { ...env, ...options.env } as never
    })
  return {
    folder: work,
    env,
    program,
    call: (args, options) =>
      program(process.execPath, ['--import', loader, main, ...args], options),
    remove: () => rm(folder, { recursive: true, force: true })
  }
}

function callProgram(
  command: string,
  args: readonly string[],
  options: CallOptions
): Promise<Called> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env as NodeJS.ProcessEnv })
    let out = ''
    let err = ''
    const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      options.onOutput?.(out, kill)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    child.once('error', failed)
    child.once('close', (status, signal) => done({ status, signal, out, err }))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.stdin ?? '')
  })
}
