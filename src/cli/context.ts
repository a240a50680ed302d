import type { AppendFile, FileSystem } from '../base/platform.ts'
import type { StartWebServer } from '../base/web-server.ts'
import type { Run, StartRun } from '../service/run.ts'
import type { Workspace } from '../service/workspace.ts'
import type { Colors } from './colors.ts'

/** Where a command writes. */
export interface Output {
  /** Writes text or bytes; resolves when more may be written. */
  write(chunk: string | Uint8Array): void | Promise<void>
  readonly isTerminal: boolean
  /** Width in columns; 80 if it is no terminal. */
  readonly columns: number
  /** Height in lines; 24 if it is no terminal. */
  readonly rows: number
}

/** Where a command reads. */
export interface Input {
  readonly isTerminal: boolean
  /** Reads all of it; `undefined` if it is not UTF-8. */
  text(): Promise<string | undefined>
  /** Asks on the terminal and returns the answer's line. */
  ask(question: string): Promise<string>
}

/** What commands do with files of the user. */
export type Files = Pick<
  FileSystem,
  'read' | 'readRange' | 'list' | 'stat' | 'write' | 'rename' | 'makeFolder' | 'remove'
> & {
  /** Makes a file that must not exist, open for appending. */
  openNew(path: string): Promise<AppendFile>
  /** Makes a private folder for temporary files. */
  makeTemporaryFolder(): Promise<string>
  /** Removes a folder with all that is in it. */
  removeFolder(path: string): Promise<void>
  /** Calls `onChange` soon after a file changed, and now and then besides. Returns what ends it. */
  watch(path: string, onChange: () => void): () => void
  /** Returns the absolute form of a path. */
  resolve(path: string): string
}

/** How a program ended. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly exitCode: number }
  | { readonly kind: 'signal'; readonly signal: string; readonly number: number }
  | { readonly kind: 'not-started'; readonly code: string }

/** How a program is started. */
export interface SpawnOptions {
  readonly env: Variables
  /** Told what the program writes; the program is read on when the promise resolves. */
  readonly onOutput: (chunk: Uint8Array, from: 'out' | 'err') => void | Promise<void>
}

/** A program that was started. */
export interface ChildProcess {
  kill(signal: StopSignal): void
  /** Resolves when the program has ended and all of its output was given. */
  readonly ended: Promise<ProcessEnd>
}

/** Environment variables by name. */
export type Variables = { readonly [name: string]: string | undefined }

/** The signals by which a program is asked to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** The process that commands run in: all that they know of the world outside. */
export interface Host {
  readonly out: Output
  readonly err: Output
  readonly stdin: Input
  readonly env: Variables
  readonly version: string
  readonly files: Files
  /** The folder of the dashboard's bundle. */
  readonly dashboardFolder: string
  /** Aborts when the user wants the command to stop. */
  readonly signal: AbortSignal
  cwd(): string
  /** From now on nothing goes over a network, also of programs that are started. */
  goOffline(): void
  /** Changes the current folder. */
  changeFolder(path: string): void
  now(): number
  /** Resolves after some milliseconds, or at once when the signal aborts. */
  sleep(ms: number): Promise<void>
  openWorkspace(options: {
    readonly folder?: string
    readonly project?: string
    readonly cwd?: string
    readonly offline?: boolean
  }): Promise<Workspace>
  startRun(options: StartRun): Promise<Run>
  readonly startWebServer: StartWebServer
  /** Opens a file or an address in the user's browser; `false` if there is none. */
  openBrowser(target: string): Promise<boolean>
  spawn(command: readonly string[], options: SpawnOptions): ChildProcess
  /** From now on stop signals go to the listener instead of ending the command. Returns what ends it. */
  onStop(listener: (signal: StopSignal) => void): () => void
  /** From now on a closed standard output doesn't end the command. */
  keepWithoutOutput(): void
}

/** What a command works with. */
export interface Context extends Omit<Host, 'openWorkspace'> {
  /** Print one JSON value. */
  readonly json: boolean
  /** Leave away what is said beside the result. */
  readonly quiet: boolean
  /** The project that the user named. */
  readonly project: string | undefined
  readonly colors: Colors
  readonly commands: readonly CommandEntry[]
  /** Opens the workspace; it is closed when the command ends. */
  open(options?: { readonly folder?: string }): Promise<Workspace>
}

/** A command as the list of commands knows it. */
export interface CommandEntry {
  readonly name: string
  readonly group: string
  readonly summary: string
  load(): Promise<CliCommand>
}

/** A command: how it is called, and what it does. */
export interface CliCommand {
  readonly description: string
  readonly arguments: { readonly [name: string]: ArgumentSpec }
  readonly options: { readonly [name: string]: OptionSpec }
  /** Command lines without the leading `runtree`, and what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[]
  /** What comes after the first argument belongs to that argument. Default: false. */
  readonly passThrough?: boolean
  /** Does the work; returns the exit status if it is not 0. */
  run(context: Context, input: CommandInput): Promise<number | undefined>
}

export interface CommandInput {
  readonly args: { readonly [name: string]: unknown }
  readonly options: { readonly [name: string]: unknown }
}

/** An argument; the phantom member carries its type. */
export interface ArgumentSpec<T = unknown> {
  readonly form: 'one' | 'optional' | 'many' | 'any'
  readonly description: string
  readonly choices?: readonly string[]
  readonly type?: T
}

/** An option; the phantom member carries its type. */
export interface OptionSpec<T = unknown> {
  readonly form: 'flag' | 'text' | 'texts' | 'whole'
  /** Such as `-f, --follow` or `--limit <n>`. */
  readonly flags: string
  readonly description: string
  readonly type?: T
}
