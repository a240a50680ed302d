import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, BrowserContextOptions, CDPSession, Page } from 'playwright-core'
import { bundleForBrowser, findChromium, launchChromium } from '../../test/support/chromium.ts'
import type { Clock } from './clock.ts'

/** A Chromium whose pages have a clock. */
export interface BenchBrowser {
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>
  /**
   * Waits until the browser rests: with a page it makes a window, whose own parts it loads for half a second
   * and longer. Nobody opens a page so fast.
   */
  rest(): Promise<void>
  /** The private memory in bytes of the process that shows the pages; there is one. */
  pageMemory(): Promise<number>
  close(): Promise<void>
}

export async function openBenchBrowser(): Promise<BenchBrowser> {
  const executable = findChromium()
  if (executable === undefined) throw new TypeError('Chromium is not installed.')
  const content = await bundleForBrowser('bench/page/clock.ts')
  const browser = await launchChromium(executable)
  const session = await browser.newBrowserCDPSession()
  return {
    async newContext(options = {}) {
      const viewport = { width: 1440, height: 900 }
      const context = await browser.newContext({ viewport, ...options })
      context.setDefaultTimeout(300_000)
      await context.addInitScript({ content })
      return context
    },
    rest: () => rest(session),
    pageMemory: async () => Math.max(0, ...(await rendererPids(session)).map(privateMemoryOf)),
    close: () => browser.close()
  }
}

const LOOK_MS = 250
const MOST_LOOKS = 40
/** So much of the time between two looks is no work. */
const IDLE_SHARE = 0.1

async function rest(session: CDPSession): Promise<void> {
  const cpuSeconds = async (): Promise<number> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
  }
  let before = await cpuSeconds()
  for (let look = 0; look < MOST_LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    const now = await cpuSeconds()
    if ((now - before) * 1000 < LOOK_MS * IDLE_SHARE) return
    before = now
  }
}

async function rendererPids(session: CDPSession): Promise<readonly number[]> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

function privateMemoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}

/** Calls the clock of a page. */
export function onClock<Name extends keyof Clock>(
  page: Page,
  name: Name,
  ...args: Parameters<Clock[Name]>
): Promise<Awaited<ReturnType<Clock[Name]>>> {
  return page.evaluate(
    ([method, given]) => {
      const { clock } = globalThis as unknown as {
        readonly clock: Record<string, (...args: readonly unknown[]) => unknown>
      }
      return clock[method]?.(...given)
    },
    [name, args] as const
  ) as Promise<Awaited<ReturnType<Clock[Name]>>>
}

/** A program that runs beside. */
export interface Program {
  readonly pid: number
  /** The first line that it printed. */
  readonly line: string
  stop(): Promise<void>
}

/** Starts a script of this folder, or a built one, and waits for its first line. */
export async function startProgram(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {}
): Promise<Program> {
  const script = fileURLToPath(new URL(path, import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env }
  })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout as Readable).once('line', resolve)
    child.once('close', () => reject(new TypeError(`${path} ended before it said anything.`)))
  })
  return { pid: child.pid as number, line, stop: () => end(child) }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.stdin?.end()
    child.kill('SIGINT')
  })
}

/** The seconds that a process has computed so far. */
export function cpuSecondsOf(pid: number): number {
  // Its name, in brackets, may have blanks in it.
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = rest.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** The pattern of how the page counts runs: `10 000 runs`. */
export function countOf(runs: number): string {
  return `^${String(runs).replace(/\B(?=(\d{3})+$)/g, '\\s')} run`
}

/** What is shown of a table of runs that can be used. */
export function tableOf(runs: number): Readonly<Record<string, string>> {
  return { '.runs-title .count': countOf(runs), '.grid-row': 'run \\d' }
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number
}
