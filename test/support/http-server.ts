import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gitEnvironment } from './git.ts'

/** A web server in front of `git http-backend`. */
export interface GitHttpServer {
  /** `http://127.0.0.1:<port>`; repositories lie below `/`. */
  readonly url: string
  readonly host: string
  /** What was asked, as `GET /a.git/info/refs?service=…`, and with which header. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[]
  close(): Promise<void>
}

export interface GitHttpOptions {
  /** Users with their passwords and whether they may push. Default: everybody may do everything. */
  readonly users?:
    | Readonly<Record<string, { readonly password: string; readonly mayPush: boolean }>>
    | undefined
  /** Whether anybody may read. Default: false if there are users. */
  readonly isPublic?: boolean | undefined
  /** Answers a request in another way than git's; `true` if it did. Default: never. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Changes an answer of git's, and says whether the connection breaks off after it. Default: nothing. */
  readonly rewrite?: (
    request: IncomingMessage,
    body: Buffer
  ) => { readonly body: Buffer; readonly isBroken?: boolean }
  /** Is waited for before each piece of an answer of git's, behind so many bytes. Default: nothing. */
  readonly pace?: (sentBytes: number) => Promise<void>
  /** Origin whose pages may read and write, with the headers that forges allow. Default: none. */
  readonly cors?: string
  /** Default: any that is free. */
  readonly port?: number
  /** A key and a certificate, for HTTPS. Default: HTTP. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer }
}

/** Serves the repositories in a folder. */
export async function serveGitHttp(
  folder: string,
  options: GitHttpOptions = {}
): Promise<GitHttpServer> {
  const requests: GitHttpServer['requests'] = []
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const user = userOf(request, options)
    requests.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization
    })
    if (options.intercept?.(request, response)) return
    if (options.cors !== undefined && allowOrigin(options.cors, request, response)) return
    const isPush = /git-receive-pack/.test(request.url ?? '')
    const isOpen = options.isPublic === true && !isPush && !request.headers.authorization
    if (options.users !== undefined && user === undefined && !isOpen) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?')
      return
    }
    if (user?.mayPush === false && isPush) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('You may only read here.')
      return
    }
    runBackend(folder, request, response, options)
  }
  const server =
    options.tls === undefined ? createServer(handle) : createSecureServer(options.tls, handle)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

/** What the tests of a suite open, and what ends when each of them does. */
export class Servers {
  readonly #open: { close(): Promise<void> }[] = []

  async serve(folder: string, options: GitHttpOptions = {}): Promise<GitHttpServer> {
    return this.keep(await serveGitHttp(folder, options))
  }

  keep<T extends { close(): Promise<void> }>(server: T): T {
    this.#open.push(server)
    return server
  }

  async close(): Promise<void> {
    for (const server of this.#open.splice(0)) await server.close()
  }
}

/** Says which pages may read the answer; answers the question whether one may ask, which bears no credentials. */
function allowOrigin(origin: string, request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('access-control-allow-origin', origin)
  if (request.method !== 'OPTIONS') return false
  response.setHeader('access-control-allow-methods', 'GET, POST')
  response.setHeader('access-control-allow-headers', 'Authorization, Content-Type')
  response.writeHead(204).end()
  return true
}

function userOf(
  request: IncomingMessage,
  { users }: GitHttpOptions
): { readonly name: string; readonly mayPush: boolean } | undefined {
  const encoded = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [name = '', password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  const user = users?.[name]
  return user?.password === password && user ? { name, mayPush: user.mayPush } : undefined
}

function runBackend(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  { rewrite, pace }: GitHttpOptions
): void {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const {
    'content-length': length,
    'content-type': type,
    'content-encoding': encoding
  } = request.headers
  const protocol = request.headers['git-protocol']
  const child = spawn('git', ['http-backend'], {
    env: gitEnvironment({
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: type ?? '',
      ...(length === undefined ? {} : { CONTENT_LENGTH: length }),
      ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
      REMOTE_USER: 'somebody',
      REMOTE_ADDR: '127.0.0.1'
    }),
    stdio: ['pipe', 'pipe', 'ignore'],
    // What it starts would go on without it when the client is gone, some of it without a pause.
    detached: true
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  let isHeadSent = false
  let sentBytes = 0
  let written = Promise.resolve()
  const write = (bytes: Buffer): void => {
    if (pace === undefined) return void response.write(bytes)
    const before = sentBytes
    sentBytes += bytes.length
    written = written.then(() => pace(before)).then(() => void response.write(bytes))
  }
  child.stdout.on('data', (chunk: Buffer) => {
    if (isHeadSent && rewrite === undefined) return write(chunk)
    chunks.push(chunk)
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    if (isHeadSent || end < 0) return
    isHeadSent = true
    sendHead(all.subarray(0, end).toString('latin1'), response)
    const body = all.subarray(end + 4)
    chunks.length = 0
    if (rewrite !== undefined) chunks.push(body)
    else if (body.length > 0) write(body)
  })
  child.on('close', () => {
    const changed = rewrite?.(request, Buffer.concat(chunks))
    if (changed === undefined) return void written.then(() => response.end())
    response.write(changed.body, () => {
      if (changed.isBroken) response.destroy()
      else response.end()
    })
  })
  response.on('close', () => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  })
}

function sendHead(text: string, response: ServerResponse): void {
  let status = 200
  for (const line of text.split('\r\n')) {
    const [name = '', ...value] = line.split(': ')
    if (name.toLowerCase() === 'status') status = Number.parseInt(value.join(': '), 10)
    else response.setHeader(name, value.join(': '))
  }
  response.writeHead(status)
}
