import { createColors } from '../../src/cli/colors.ts'
import type { Context, Host, Input, Output } from '../../src/cli/context.ts'

/** An output that keeps what was written. */
export interface StringOutput extends Output {
  text: string
}

export function stringOutput(
  options: { columns?: number; isTerminal?: boolean } = {}
): StringOutput {
  return {
    text: '',
    isTerminal: options.isTerminal ?? false,
    columns: options.columns ?? 80,
    rows: 24,
    write(chunk) {
      this.text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
    }
  }
}

/** A host without files, store and programs; what a case needs it gives. */
export function fakeHost(given: Partial<Host> = {}): Host & {
  readonly out: StringOutput
  readonly err: StringOutput
} {
  const absent = (): never => {
    throw new TypeError('this case has no such thing')
  }
  const stdin: Input = { isTerminal: false, text: absent, ask: absent }
  return {
    out: stringOutput(),
    err: stringOutput(),
    stdin,
    env: {},
    version: '1.2.3',
    files: new Proxy({}, { get: absent }) as Host['files'],
    signal: new AbortController().signal,
    cwd: () => '/work/project',
    goOffline: () => undefined,
    changeFolder: absent,
    now: () => Date.UTC(2026, 10, 23, 12),
    sleep: async () => undefined,
    openWorkspace: absent,
    startRun: absent,
    dashboardFolder: '/work/dashboard',
    startWebServer: absent,
    openBrowser: absent,
    spawn: absent,
    onStop: () => () => undefined,
    keepWithoutOutput: () => undefined,
    ...given
  } as Host & { readonly out: StringOutput; readonly err: StringOutput }
}

/** A context on a fake host. */
export function fakeContext(
  given: Partial<Context> = {}
): Context & { readonly out: StringOutput; readonly err: StringOutput } {
  const { openWorkspace: _, ...host } = fakeHost()
  return {
    ...host,
    json: false,
    quiet: false,
    project: undefined,
    colors: createColors(false),
    commands: [],
    open: async () => {
      throw new TypeError('this case has no workspace')
    },
    ...given
  } as Context & { readonly out: StringOutput; readonly err: StringOutput }
}
