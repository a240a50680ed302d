import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { runCommandLine } from '../../src/cli/application.ts'
import type { Host, Input } from '../../src/cli/context.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { openWorkspace } from '../../src/node.ts'
import { fakeHost, stringOutput } from './fake-host.ts'

/** What a command line gave. */
export interface Answer {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Options of one command line. */
export interface AskOptions {
  readonly columns?: number
  /** Whether what is printed goes to a terminal. Default: false. */
  readonly isTerminal?: boolean
  readonly stdin?: Partial<Input>
  readonly env?: Host['env']
}

/** JSON that a command printed; a case knows what it looks like. */
// biome-ignore lint/suspicious/noExplicitAny: each case reads other members
export type Printed = any

/** A folder with a workspace, in which command lines run inside this process. */
export interface Desk {
  readonly folder: string
  ask(args: readonly string[], options?: AskOptions): Promise<Answer>
  /** As `ask`, for the JSON that a command prints. */
  json(...args: string[]): Promise<Printed>
  remove(): Promise<void>
}

export async function openDesk(): Promise<Desk> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'runtree-desk-')))
  return createDesk(folder, join(folder, '.runtree'))
}

/** Runs command lines in a folder, on a workspace that may be elsewhere. */
export function createDesk(folder: string, workspace: string, given: Partial<Host> = {}): Desk {
  const ask: Desk['ask'] = async (args, options = {}) => {
    const { columns = 100, isTerminal = false, stdin = {}, env = {} } = options
    const plain = fakeHost()
    const host = fakeHost({
      out: stringOutput({ columns, isTerminal }),
      stdin: { ...plain.stdin, ...stdin },
      env,
      cwd: () => folder,
      now: () => Date.now(),
      files: {
        ...createNodeFileSystem(),
        openNew: (path: string) => createNodeFileSystem().openAppend(path),
        removeFolder: (path: string) =>
          createNodeFileSystem().removeFolder(path, { recursive: true }),
        resolve: (path: string) => resolve(folder, path)
      } as unknown as Host['files'],
      openWorkspace: (options) =>
        openWorkspace({ ...options, folder: options.folder ?? workspace }),
      ...given
    })
    const status = await runCommandLine(host, args)
    return { status, out: host.out.text, err: host.err.text }
  }
  return {
    folder,
    ask,
    async json(...args) {
      const { status, out, err } = await ask([...args, '--json'])
      if (status !== 0) throw new TypeError(`${args.join(' ')} ended with ${status}: ${err}`)
      return JSON.parse(out)
    },
    remove: () => rm(folder, { recursive: true, force: true })
  }
}
