import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tryGit } from './git.ts'

/** A server that answers as the API of a forge. */
export interface ForgeServer {
  /** The address of the API. */
  readonly url: string
  /** What was asked, as `GET /repos/…`; questions of browsers whether they may ask are left out. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[]
  /** How many requests are still answered in this hour. */
  remaining: number
  close(): Promise<void>
}

export interface ForgeServerOptions {
  /** The token that a private repository asks for. Default: it is public. */
  readonly token?: string
  /** How many requests are answered. Default: 1000. */
  readonly limit?: number
  /** Changes what is answered, such as to damage it. Default: nothing. */
  readonly rewrite?: (path: string, body: Buffer) => Buffer
}

/** A question to an API. */
export interface Asked {
  readonly path: string
  readonly query: URLSearchParams
  /** The address of the API. */
  readonly url: string
  readonly accept: string
}

/** An answer of an API; absent members are those of an ordinary one. */
export interface Answered {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly json?: unknown
  readonly bytes?: Buffer
}

/** How a forge words what all of them do. */
export interface ForgeManners {
  /** Names of the headers that tell of the limit, without `remaining` and `reset` at their end. */
  readonly limitHeader: string
  readonly limitStatus: number
  readonly absent: Answered
  readonly unauthorized: Answered
  answer(asked: Asked): Answered | undefined
}

/** When the limit of the tests ends, in seconds since 1970. */
export const RESET_SECONDS = 4_102_444_800

/** Serves an API to pages of any site. */
export async function serveForge(
  options: ForgeServerOptions,
  manners: ForgeManners
): Promise<ForgeServer> {
  const requests: ForgeServer['requests'] = []
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, Accept')
      return void response.writeHead(204).end()
    }
    const { authorization } = request.headers
    requests.push({ line: `${request.method} ${request.url}`, authorization })
    const { limitHeader, limitStatus } = manners
    const isSpent = served.remaining <= 0
    served.remaining -= isSpent ? 0 : 1
    const names = [`${limitHeader}-remaining`, `${limitHeader}-reset`]
    response.setHeader(
      'access-control-expose-headers',
      ['Link', 'Retry-After', ...names].join(', ')
    )
    response.setHeader(names[0] as string, String(served.remaining))
    response.setHeader(names[1] as string, String(RESET_SECONDS))
    const answered = isSpent
      ? { status: limitStatus, json: { message: 'API rate limit exceeded' } }
      : answerTo(request, served.url, options, manners)
    const { status = 200, headers = {}, json, bytes } = answered
    const body = bytes ?? Buffer.from(JSON.stringify(json))
    const type =
      bytes === undefined ? 'application/json; charset=utf-8' : 'application/octet-stream'
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(options.rewrite?.(request.url ?? '', body) ?? body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const served: ForgeServer = {
    url: `http://127.0.0.1:${port}/api`,
    requests,
    remaining: options.limit ?? 1000,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
  return served
}

function answerTo(
  request: IncomingMessage,
  url: string,
  { token }: ForgeServerOptions,
  manners: ForgeManners
): Answered {
  const { authorization, accept = '' } = request.headers
  if (authorization !== undefined && authorization !== `Bearer ${token}`)
    return manners.unauthorized
  if (token !== undefined && authorization === undefined) return manners.absent
  const { pathname, searchParams: query } = new URL(request.url ?? '/', url)
  const path = pathname.replace(/^\/api/, '')
  return manners.answer({ path, query, url, accept }) ?? manners.absent
}

/** Cuts a list into pages, with the headers that lead from one to the next. */
export function paginate(items: readonly unknown[], { path, query, url }: Asked): Answered {
  const size = Number(query.get('per_page') ?? 30)
  const page = Number(query.get('page') ?? 1)
  const json = items.slice((page - 1) * size, page * size)
  if (page * size >= items.length) return { json }
  const next = new URLSearchParams(query)
  next.set('page', String(page + 1))
  return { json, headers: { link: `<${url}${path}?${next}>; rel="next"` } }
}

/** Lists commits from the one that a parameter names on, those of a path if one is asked for. */
export function listOids(
  folder: string,
  { query }: Asked,
  parameter: string
): readonly string[] | undefined {
  const path = query.get('path')
  const paths = path === null ? [] : ['--', path]
  const { status, stdout } = tryGit(folder, ['rev-list', query.get(parameter) ?? 'HEAD', ...paths])
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : undefined
}

/** A commit as git stores it. */
export interface StoredCommit {
  readonly oid: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: StoredIdentity
  readonly committer: StoredIdentity
  readonly message: string
  readonly signature: string | null
  /** The commit without its signature. */
  readonly payload: string
}

export interface StoredIdentity {
  readonly name: string
  readonly email: string
  readonly seconds: number
  readonly zone: string
}

/** Reads a commit; `undefined` if there is none of that name. */
export function readStoredCommit(folder: string, oid: string): StoredCommit | undefined {
  const { status, stdout } = tryGit(folder, ['cat-file', 'commit', oid])
  if (status !== 0) return undefined
  const end = stdout.indexOf('\n\n')
  const head = stdout.slice(0, end)
  const signature = /\ngpgsig ((?:.*\n )*.*)/.exec(`${head}`)
  const payload = signature === null ? stdout : stdout.replace(signature[0], '')
  const all = (name: string): string[] =>
    [...head.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map((match) => match[1] as string)
  return {
    oid,
    tree: all('tree')[0] as string,
    parents: all('parent'),
    author: readIdentity(all('author')[0] as string),
    committer: readIdentity(all('committer')[0] as string),
    message: stdout.slice(end + 2),
    signature: signature === null ? null : (signature[1] as string).replaceAll('\n ', '\n'),
    payload
  }
}

function readIdentity(text: string): StoredIdentity {
  const [, name = '', email = '', seconds, zone = ''] = /^(.*) <(.*)> (\d+) (.*)$/.exec(text) ?? []
  return { name, email, seconds: Number(seconds), zone }
}

/** Returns a moment as the APIs write it, in UTC. */
export function formatDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
