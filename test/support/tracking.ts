import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Emitter } from '../../src/base/emitter.ts'
import type { FileSystem, Platform } from '../../src/base/platform.ts'
import type { ProcessHooks } from '../../src/base/process-hooks.ts'
import { nodeCapture } from '../../src/host/node/capture/node-capture.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createNodeProcessHooks } from '../../src/host/node/process-hooks.ts'
import type { RemoteHost } from '../../src/remote/open-remote.ts'
import type { WorkspaceEvents } from '../../src/service/events.ts'
import { createTracking, type TrackingCalls } from '../../src/service/track.ts'
import type { TrackingContext } from '../../src/service/tracking.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { gitEnvironment } from './git.ts'

/** Tracking into a folder, with what it printed. */
export interface TestTracking extends TrackingCalls {
  readonly context: TrackingContext
  readonly store: WorkspaceStore
  readonly events: Emitter<WorkspaceEvents>
  readonly printed: string[]
  /** Opens the project `lab`. */
  project(): Promise<ProjectStore>
}

export interface TestTrackingOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly files?: FileSystem
  readonly hooks?: ProcessHooks
  readonly script?: string
  readonly cwd?: string
  readonly capture?: boolean
  readonly remotes?: RemoteHost
  readonly platform?: Platform
}

const COMMITTER = { name: 'Ada', email: 'ada@example.org' }

/** Makes tracking into a workspace, by default without code and with hooks that never fire. */
export function createTestTracking(home: string, options: TestTrackingOptions = {}): TestTracking {
  const files = options.files ?? createNodeFileSystem()
  const { remotes, platform = createNodePlatform() } = options
  const host = {
    files,
    platform,
    committer: async () => COMMITTER,
    ...(remotes === undefined ? {} : { remotes })
  }
  const store = new WorkspaceStore(host, home)
  const events = new Emitter<WorkspaceEvents>()
  const printed: string[] = []
  const context: TrackingContext = {
    files,
    platform,
    ...(options.capture && { capture: nodeCapture }),
    hooks: options.hooks ?? { watch: () => () => undefined },
    env: options.env ?? {},
    cwd: () => options.cwd ?? home,
    script: options.script ?? 'train.ts',
    command: ['node', 'train.ts'],
    openStore: async () => store,
    events: () => events,
    print: (line) => void printed.push(line)
  }
  const project = async (): Promise<ProjectStore> => {
    const found = await store.project('lab')
    if (found === undefined) throw new TypeError('there is no project lab')
    return found
  }
  return { ...createTracking(context), context, store, events, printed, project }
}

/** The tracking of a child process, as a script of `runScript` has it. */
export function createChildTracking(home: string): TrackingCalls {
  const { context } = createTestTracking(home, { env: process.env as Record<string, string> })
  return createTracking({
    ...context,
    hooks: createNodeProcessHooks(),
    print: (line) => void process.stderr.write(`${line}\n`)
  })
}

const running = new Set<ChildProcess>()

/** Ends the scripts that a failed test left behind. */
export function killScripts(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** A program that was started. */
export interface RunningScript {
  readonly pid: number
  /** Resolves with the first line of output that passes. */
  line(passes: (line: string) => boolean): Promise<string>
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<{
    readonly code: number | null
    readonly signal: NodeJS.Signals | null
    readonly lines: readonly string[]
    readonly stderr: string
  }>
}

const SUPPORT = fileURLToPath(import.meta.url)
const LOADER = import.meta.resolve('tsx')

/**
 * Starts a Node program; `body` is its text, in which `startRun`, `track` and `say` (prints a line at
 * once) are there.
 */
export function runScript(
  folder: string,
  body: string,
  env: Readonly<Record<string, string>> = {}
): RunningScript {
  const path = join(folder, `script-${Math.random().toString(36).slice(2)}.mts`)
  writeFileSync(
    path,
    `import { writeSync } from 'node:fs'
import { createChildTracking } from ${JSON.stringify(SUPPORT)}
const { startRun, track } = createChildTracking(${JSON.stringify(join(folder, 'home'))})
const say = (text: string): void => {
  try {
    writeSync(1, text + '\\n')
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error
    say(text)
  }
}
${body}
`
  )
  const child = spawn(process.execPath, ['--import', LOADER, path], {
    cwd: folder,
    env: gitEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  running.add(child)
  child.on('exit', () => running.delete(child))
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const found = (rest + text).split('\n')
    rest = found.pop() as string
    lines.push(...found)
    for (const wake of [...waiting]) wake()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Awaited<RunningScript['ended']>>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, lines, stderr })
      for (const wake of [...waiting]) wake()
    })
  })
  return {
    pid: child.pid as number,
    kill: (signal) => void child.kill(signal),
    ended,
    line: (passes) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(passes)
          const isOver = child.exitCode !== null || child.signalCode !== null
          if (found === undefined && !isOver) return
          waiting.delete(look)
          if (found !== undefined) resolve(found)
          else reject(new Error(`the script ended early: ${stderr}`))
        }
        waiting.add(look)
        look()
      })
  }
}
