import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gitEnvironment } from './git.ts'

/** A web server in front of `git http-backend`. */
export interface GitHttpServer {
  /** `http://127.0.0.1:<port>`; repositories lie below `/`. */
  readonly url: string
  readonly host: string
  /** What was asked, as `GET /a.git/info/refs?service=…` with the user, if any. */
  readonly requests: { readonly line: string; readonly user: string | undefined }[]
  close(): Promise<void>
}

export interface GitHttpOptions {
  /** Users with their passwords and whether they may push. Default: everybody may do everything. */
  readonly users?: Readonly<
    Record<string, { readonly password: string; readonly mayPush: boolean }>
  >
  /** Answers a request in another way than git's; `true` if it did. Default: never. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Changes what git answers, piece by piece; `undefined` breaks the connection off. Default: nothing. */
  readonly damage?: (request: IncomingMessage, chunk: Buffer, offset: number) => Buffer | undefined
}

/** Serves the repositories in a folder. */
export async function serveGitHttp(
  folder: string,
  options: GitHttpOptions = {}
): Promise<GitHttpServer> {
  const requests: GitHttpServer['requests'] = []
  const server = createServer((request, response) => {
    const user = userOf(request, options)
    requests.push({ line: `${request.method} ${request.url}`, user: user?.name })
    if (options.intercept?.(request, response)) return
    if (options.users !== undefined && user === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?')
      return
    }
    if (user?.mayPush === false && /git-receive-pack/.test(request.url ?? '')) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('You may only read here.')
      return
    }
    runBackend(folder, request, response, options)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
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
  { damage }: GitHttpOptions
): void {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const { 'content-length': length, 'content-type': type } = request.headers
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
      REMOTE_USER: 'somebody',
      REMOTE_ADDR: '127.0.0.1'
    }),
    stdio: ['pipe', 'pipe', 'ignore']
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  let head: Buffer | undefined = Buffer.alloc(0)
  let offset = 0
  const write = (chunk: Buffer): void => {
    const changed = damage === undefined ? chunk : damage(request, chunk, offset)
    offset += chunk.length
    if (changed === undefined) response.destroy()
    else response.write(changed)
  }
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) return write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const body = head.subarray(end + 4)
    sendHead(head.subarray(0, end).toString('latin1'), response)
    head = undefined
    if (body.length > 0) write(body)
  })
  child.on('close', () => response.end())
  response.on('close', () => child.kill())
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
