#!/usr/bin/env node
import { type ChildProcess as NodeChild, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { decodeStrictUtf8 } from '../base/bytes.ts'
import type { FileStat } from '../base/platform.ts'
import { runCommandLine } from './application.ts'
import type {
  ChildProcess,
  Files,
  Host,
  Input,
  Output,
  ProcessEnd,
  SpawnOptions,
  StopSignal
} from './context.ts'

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** How long a command may take to stop after it was asked to. */
const STOP_WAIT_MS = 2000

/** How often a watched file is looked at. */
const POLL_MS = 200

/** How long what a program left running may be silent before its output counts as ended. */
const SILENCE_MS = 1000

const stopping = new AbortController()
const stopListeners: ((signal: StopSignal) => void)[] = []
let keepWithoutOutput = false

const host: Host = {
  out: createOutput(process.stdout),
  err: createOutput(process.stderr),
  stdin: createInput(),
  env: process.env,
  version: readVersion(),
  files: createFiles(),
  dashboardFolder: fileURLToPath(new URL('../../dist/dashboard', import.meta.url)),
  signal: stopping.signal,
  cwd: () => process.cwd(),
  goOffline() {
    process.env.RUNTREE_OFFLINE = '1'
  },
  changeFolder: (path) => process.chdir(path),
  now: () => Date.now(),
  sleep,
  // A command is over before a push would be; `runtree push` and the next run see to what waits.
  openWorkspace: async (options) =>
    (await import('../node.ts')).openWorkspace({ ...options, background: false }),
  startRun: async (options) => (await import('../node.ts')).startRun(options),
  startWebServer: async (handler, options) =>
    (await import('../host/node/web-server.ts')).startWebServer(handler, options),
  openBrowser: async (target) => (await import('../host/node/open-browser.ts')).openBrowser(target),
  spawn: spawnProgram,
  onStop(listener) {
    stopListeners.push(listener)
    return () => void stopListeners.splice(stopListeners.indexOf(listener), 1)
  },
  keepWithoutOutput() {
    keepWithoutOutput = true
  }
}

for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError)
process.exitCode = await runCommandLine(host, process.argv.slice(2))
for (const signal of STOP_SIGNALS) process.removeListener(signal, onSignal)
if (stopping.signal.aborted) process.exitCode = stopping.signal.reason.exitCode

function onSignal(signal: StopSignal): void {
  if (stopListeners.length > 0) {
    for (const listener of stopListeners) listener(signal)
    return
  }
  const exitCode = 128 + constants.signals[signal]
  if (stopping.signal.aborted) process.exit(exitCode)
  stopping.abort(Object.assign(new Error(`Stopped by ${signal}.`), { exitCode }))
  setTimeout(() => process.exit(exitCode), STOP_WAIT_MS).unref()
}

/** Ends quietly when nobody reads any more, as after `runtree ls | head`. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (keepWithoutOutput) return
  process.exit(error.code === 'EPIPE' ? 0 : 1)
}

function readVersion(): string {
  const text = fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function createOutput(stream: NodeJS.WriteStream): Output {
  // All who wait for a stream wait for the same end.
  let blocked: Promise<void> | undefined
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns || Number(process.env.COLUMNS) || 80
    },
    get rows() {
      return stream.rows || 24
    },
    write(chunk) {
      if (stream.destroyed || stream.write(chunk)) return
      blocked ??= new Promise<void>((done) => {
        const events = ['drain', 'error', 'close'] as const
        const end = (): void => {
          for (const event of events) stream.removeListener(event, end)
          blocked = undefined
          done()
        }
        for (const event of events) stream.once(event, end)
      })
      return blocked
    }
  }
}

function createInput(): Input {
  return {
    isTerminal: process.stdin.isTTY === true,
    async text() {
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
      return decodeStrictUtf8(Buffer.concat(chunks))
    },
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      try {
        lines.once('SIGINT', () => {
          process.stderr.write('\n')
          onSignal('SIGINT')
        })
        return await lines.question(question, { signal: stopping.signal })
      } finally {
        lines.close()
      }
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => {
    if (stopping.signal.aborted) return done()
    const timer = setTimeout(end, ms)
    stopping.signal.addEventListener('abort', end)
    function end(): void {
      clearTimeout(timer)
      stopping.signal.removeEventListener('abort', end)
      done()
    }
  })
}

function createFiles(): Files {
  return {
    read: async (path) => absent(() => new Uint8Array(fs.readFileSync(path))),
    async readRange(path, offset, length) {
      const fd = absent(() => fs.openSync(path, 'r'))
      if (fd === undefined) return undefined
      try {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, fs.fstatSync(fd).size - offset)))
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, offset))
      } finally {
        fs.closeSync(fd)
      }
    },
    list: async (path) =>
      absent(() => fs.readdirSync(path, { withFileTypes: true }))?.map((entry) => ({
        name: entry.name,
        kind: kindOf(entry)
      })),
    async stat(path) {
      const stat = absent(() => fs.lstatSync(path))
      if (stat === undefined) return undefined
      const { size: sizeBytes, mtimeMs: modifiedMs, mode, ino } = stat
      return { kind: kindOf(stat), sizeBytes, modifiedMs, mode, fileId: String(ino) }
    },
    async write(path, bytes, options = {}) {
      const { mode, sync = false } = options
      fs.writeFileSync(path, bytes, { flush: sync, ...(mode === undefined ? {} : { mode }) })
    },
    async openNew(path) {
      const fd = fs.openSync(path, 'ax')
      return {
        append: (bytes) => fs.writeFileSync(fd, bytes),
        sync: async () => fs.fsyncSync(fd),
        close: async () => fs.closeSync(fd)
      }
    },
    rename: async (from, to) => absent(() => fs.renameSync(from, to) ?? true) ?? false,
    makeFolder: async (path) => void fs.mkdirSync(path, { recursive: true }),
    remove: async (path) => absent(() => fs.unlinkSync(path) ?? true) ?? false,
    makeTemporaryFolder: async () => fs.mkdtempSync(join(tmpdir(), 'runtree-')),
    removeFolder: async (path) => fs.rmSync(path, { recursive: true, force: true }),
    watch: watchFile,
    resolve: (path) => resolve(path)
  }
}

/** Watches a file; where the system tells nothing of changes, as on some network disks, it is looked at. */
function watchFile(path: string, onChange: () => void): () => void {
  const timer = setInterval(onChange, POLL_MS)
  try {
    const watcher = fs.watch(path, { persistent: false }, onChange)
    watcher.on('error', () => watcher.close())
    return () => {
      clearInterval(timer)
      watcher.close()
    }
  } catch {
    return () => clearInterval(timer)
  }
}

function kindOf(entry: fs.Dirent | fs.Stats): FileStat['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

/** Returns what a call gives, `undefined` if the file is absent. */
function absent<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

function spawnProgram(command: readonly string[], options: SpawnOptions): ChildProcess {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    stdio: ['inherit', 'pipe', 'pipe'],
    env: options.env as NodeJS.ProcessEnv
  })
  return {
    kill: (signal) => void child.kill(signal),
    ended: waitFor(child, options)
  }
}

async function waitFor(child: NodeChild, options: SpawnOptions): Promise<ProcessEnd> {
  let lastOutput = 0
  const read = async (from: 'out' | 'err'): Promise<void> => {
    const stream = from === 'out' ? child.stdout : child.stderr
    if (stream === null) return
    for await (const chunk of stream) {
      lastOutput = Date.now()
      await options.onOutput(new Uint8Array(chunk as Uint8Array), from)
    }
  }
  const output = Promise.all([read('out'), read('err')]).catch(() => undefined)
  const end = await new Promise<ProcessEnd>((done) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) done({ kind: 'not-started', code: error.code ?? 'unknown' })
    })
    child.once('exit', (exitCode, signal) =>
      done(
        signal === null
          ? { kind: 'exit', exitCode: exitCode ?? 0 }
          : { kind: 'signal', signal, number: constants.signals[signal] }
      )
    )
  })
  if (end.kind === 'not-started') return end
  // A process that the program left behind may hold its output open without end.
  lastOutput = Date.now()
  const silent = new Promise<void>((done) => {
    const timer = setInterval(() => {
      if (Date.now() - lastOutput < SILENCE_MS) return
      clearInterval(timer)
      done()
    }, 100)
    void output.then(() => clearInterval(timer))
  })
  await Promise.race([output, silent])
  child.stdout?.destroy()
  child.stderr?.destroy()
  return end
}
