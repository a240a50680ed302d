import { type ChildProcess, spawn } from 'node:child_process'
import type { Variables } from '../../base/capture.ts'
import type { Timers } from '../../base/platform.ts'
import { type Advertisement, readAdvertisement, type Service } from '../../remote/advertisement.ts'
import { FLUSH, PktReader } from '../../remote/pkt-line.ts'
import {
  CONNECT_TIMEOUT_MS,
  type Connection,
  SILENCE_TIMEOUT_MS,
  type TransportOptions,
  timeoutError,
  Watch
} from '../../remote/transport.ts'
import type { SshAddress } from '../../remote/url.ts'
import { explainEnd } from './bridge-failure.ts'

/** What ssh needs of its surroundings. */
export interface SshContext {
  readonly timers: Timers
  readonly env: Variables
  /** The program and its first arguments. Default: `GIT_SSH_COMMAND`, else `GIT_SSH`, else `ssh`. */
  readonly command?: readonly string[]
  /** Whether ssh may ask the user on the terminal. Default: false. */
  readonly interactive?: boolean
}

/** Opens a way to a repository through the ssh program; starts nothing yet. */
export function openSsh(
  address: SshAddress,
  context: SshContext,
  options: TransportOptions = {}
): Connection {
  return new SshConnection(address, context, options)
}

class SshConnection implements Connection {
  readonly url: string
  readonly isStateless = false
  readonly #address: SshAddress
  readonly #context: SshContext
  readonly #options: TransportOptions
  readonly #watch: Watch
  #session: { readonly service: Service; readonly program: Program; reader: PktReader } | undefined

  constructor(address: SshAddress, context: SshContext, options: TransportOptions) {
    this.url = address.url
    this.#address = address
    this.#context = context
    this.#options = options
    this.#watch = new Watch(context.timers)
  }

  async advertise(
    service: Service,
    { version }: { readonly version?: 2 } = {}
  ): Promise<Advertisement> {
    await this.close()
    const { signal, connectTimeoutMs: ms = CONNECT_TIMEOUT_MS } = this.#options
    signal?.throwIfAborted()
    const program = startProgram(this.#address, this.#context, { service, version }, ms)
    const stop = (): void => program.kill()
    signal?.addEventListener('abort', stop, { once: true })
    void program.ended.then(() => signal?.removeEventListener('abort', stop))
    const reader = new PktReader(this.url, this.#output(program, service))
    this.#session = { service, program, reader }
    // Someone who types a passphrase takes as long as it takes.
    const limitMs = this.#context.interactive ? 10 * 60_000 : ms
    const silent = (): Error => timeoutError(this.url, 'connect', limitMs)
    try {
      return await this.#watch.guard(readAdvertisement(this.url, reader), limitMs, silent)
    } catch (error) {
      await this.close()
      throw signal?.aborted ? signal.reason : error
    }
  }

  async *exchange(
    service: Service,
    request: AsyncIterable<Uint8Array>
  ): AsyncGenerator<Uint8Array> {
    const session = this.#session
    if (session?.service !== service) throw new TypeError(`${service} was not asked for`)
    const ms = this.#options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS
    const { signal } = this.#options
    let failure: unknown
    void session.program.send(this.#watch.beats(request)).catch((error: unknown) => {
      failure = error
      session.program.kill()
    })
    try {
      yield* this.#watch.stream(session.reader.rest(), ms, () => {
        session.program.kill()
        return timeoutError(this.url, 'silence', ms)
      })
    } catch (error) {
      // What went wrong while sending explains best why the answer broke off.
      throw signal?.aborted ? signal.reason : (failure ?? error)
    }
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.program.end()
  }

  /** Passes on what the program writes; an end that is a failure is an error. */
  async *#output(program: Program, service: Service): AsyncGenerator<Uint8Array> {
    yield* program.output()
    const ended = await program.ended
    if (ended.error !== undefined || ended.exitCode !== 0)
      throw explainEnd(this.url, service, ended)
  }
}

type Ended = Parameters<typeof explainEnd>[2]

/** A program that runs as long as it is needed. */
class Program {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #said = ''

  constructor(child: ChildProcess, program: string) {
    this.#child = child
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString('utf8')).slice(-20_000)
    })
    // A program that ends before it has read its input closes the pipe; its exit code tells why.
    child.stdin?.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => resolve({ program, exitCode: null, error, said: this.#said }))
      child.on('close', (exitCode) => resolve({ program, exitCode, said: this.#said }))
    })
  }

  async *output(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#child.stdout ?? []) {
      const bytes = chunk as Buffer
      yield new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    }
  }

  /** Writes as fast as the program reads, then ends its input. */
  async send(request: AsyncIterable<Uint8Array>): Promise<void> {
    const { stdin } = this.#child
    if (stdin === null) return
    for await (const chunk of request) {
      if (stdin.destroyed) return
      if (stdin.write(chunk)) continue
      await new Promise<void>((resolve) => {
        const done = (): void => {
          stdin.off('drain', done)
          stdin.off('close', done)
          resolve()
        }
        stdin.once('drain', done)
        stdin.once('close', done)
      })
    }
    stdin.end()
  }

  kill(): void {
    this.#child.kill()
    // What nobody reads would hold back the end.
    this.#child.stdout?.destroy()
    this.#child.stdin?.destroy()
  }

  /** Ends it politely: with a flush, which says that nothing is wanted. */
  async end(): Promise<void> {
    const { stdin, stdout } = this.#child
    if (stdin !== null && !stdin.writableEnded && !stdin.destroyed) stdin.end(FLUSH)
    stdout?.destroy()
    const timer = setTimeout(() => this.kill(), 2000)
    await this.ended
    clearTimeout(timer)
  }
}

function startProgram(
  address: SshAddress,
  context: SshContext,
  { service, version }: { readonly service: Service; readonly version: 2 | undefined },
  connectTimeoutMs: number
): Program {
  const { env } = context
  const args = ['-o', 'SendEnv=GIT_PROTOCOL']
  args.push('-o', `ConnectTimeout=${Math.max(1, Math.ceil(connectTimeoutMs / 1000))}`)
  if (!context.interactive) args.push('-o', 'BatchMode=yes')
  if (address.port !== undefined) args.push('-p', `${address.port}`)
  const user = address.user === undefined ? '' : `${address.user}@`
  args.push('--', `${user}${address.host}`, `${service} ${quote(address.path)}`)
  const protocol = version === undefined ? {} : { GIT_PROTOCOL: `version=${version}` }
  const options = {
    env: { ...cleanEnvironment(env), ...protocol },
    windowsHide: true,
    stdio: 'pipe'
  } as const
  const [program, ...first] = context.command ?? (env.GIT_SSH ? [env.GIT_SSH] : ['ssh'])
  if (context.command === undefined && env.GIT_SSH_COMMAND) {
    // As git does it: the shell splits the command, and the arguments reach it as they are.
    const script = `${env.GIT_SSH_COMMAND} "$@"`
    return new Program(spawn('sh', ['-c', script, 'ssh', ...args], options), 'sh')
  }
  return new Program(spawn(program ?? 'ssh', [...first, ...args], options), program ?? 'ssh')
}

/** Quotes a path for the shell on the other side, as git does. */
function quote(path: string): string {
  return `'${path.replace(/['!]/g, (character) => `'\\${character}'`)}'`
}

/** What belongs to another repository, as in a hook, is not handed down. */
function cleanEnvironment(env: Variables): Variables {
  const kept = Object.entries(env).filter(([name]) => !/^GIT_/.test(name))
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}
