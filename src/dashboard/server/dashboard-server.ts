import { decodeUtf8 } from '../../base/bytes.ts'
import type { WebHandler, WebRequest, WebResponse } from '../../base/web-server.ts'
import type { SourceProblem } from '../source/answers.ts'
import { type HintOf, problemOf } from '../source/failures.ts'
import {
  type CallProgress,
  LONG_METHODS,
  SOURCE_METHODS,
  type Source,
  type SourceMethod
} from '../source/source.ts'
import { formatWire, parseWire } from '../source/wire.ts'

/** What the dashboard is served from. */
export interface DashboardServerOptions {
  readonly source: Source
  /** Who knows it may ask; nobody else. */
  readonly token: string
  /** Reads a file of the bundle by its path there; `undefined` if it has none. */
  readonly readFile: (path: string) => Promise<Uint8Array | undefined>
  /** What somebody can do about a failure, by its code. Default: general advice. */
  readonly hintOf?: HintOf
}

/** What a page may do: run its own scripts, and ask its own server. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; " +
  "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'"

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY'
}

const MEDIA_TYPES: { readonly [ending: string]: string } = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  woff2: 'font/woff2'
}

const MAX_BODY_BYTES = 4_000_000

/** The names by which a browser may call this machine; a page of another site has another. */
const OWN_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/**
 * Makes what serves the dashboard: the files of its bundle to everybody who is on this machine, and
 * `POST /api/<method>` to those who know the token. Nothing that lies in a repository is ever served as
 * a document: contents travel in JSON.
 */
export function createDashboardServer(options: DashboardServerOptions): WebHandler {
  return async (request) => {
    try {
      const refusal = refuse(request)
      if (refusal !== undefined) return refusal
      const path = request.target.replace(/[?#].*$/, '')
      const method = /^\/api\/(\w+)$/.exec(path)?.[1]
      if (method !== undefined) return await call(options, request, method)
      return await file(options, request, path)
    } catch (error) {
      return failure(500, problemOf(error, options.hintOf))
    }
  }
}

/** Refuses requests that pages of other sites made, also by a name that was made to lead here. */
function refuse({ headers }: WebRequest): WebResponse | undefined {
  const host = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  if (!OWN_HOSTS.includes(host)) {
    return failure(403, {
      code: 'FOREIGN_HOST',
      message: 'This server only answers to localhost and 127.0.0.1.'
    })
  }
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const isForeign =
    origin !== undefined && origin.toLowerCase() !== `http://${headers.host?.toLowerCase()}`
  if (isForeign || (site !== undefined && !['same-origin', 'none'].includes(site))) {
    return failure(403, {
      code: 'FOREIGN_ORIGIN',
      message: 'Pages of other sites may not ask here.'
    })
  }
  return undefined
}

async function file(
  { readFile }: DashboardServerOptions,
  { method }: WebRequest,
  path: string
): Promise<WebResponse> {
  if (method !== 'GET' && method !== 'HEAD') {
    return failure(405, { code: 'WRONG_METHOD', message: 'Files can only be read.' })
  }
  const name = path === '/' ? 'index.html' : path.slice(1)
  const isPlain = /^[\w-]+(\/[\w-]+)*(\.[\w-]+)+$/.test(name)
  const bytes = isPlain ? await readFile(name) : undefined
  if (bytes === undefined)
    return failure(404, { code: 'NOT_FOUND', message: 'There is no such file.' })
  const type = MEDIA_TYPES[/\.(\w+)$/.exec(name)?.[1] ?? ''] ?? 'application/octet-stream'
  // A name with a digest in it never stands for other bytes.
  const cache = name.startsWith('parts/') ? 'private, max-age=31536000, immutable' : 'no-cache'
  return {
    status: 200,
    headers: { ...HEADERS, 'Content-Type': type, 'Cache-Control': cache },
    body: name === 'index.html' ? servedPage(bytes) : bytes
  }
}

/** Says in the page that a server is behind it. */
function servedPage(bytes: Uint8Array): string {
  return decodeUtf8(bytes).replace(
    '<meta name="runtree" content="hosted"',
    '<meta name="runtree" content="server"'
  )
}

async function call(
  options: DashboardServerOptions,
  request: WebRequest,
  method: string
): Promise<WebResponse> {
  const { headers } = request
  if (!isSame(headers.authorization ?? '', `Bearer ${options.token}`)) {
    return failure(401, {
      code: 'TOKEN',
      message: 'This page does not have the token of the running “runtree ui”.',
      hint: 'Open the address that it printed when it was started.'
    })
  }
  const isJson = headers['content-type']?.split(';')[0] === 'application/json'
  if (request.method !== 'POST' || !isJson) {
    return failure(405, { code: 'WRONG_METHOD', message: 'Methods are called by POST, with JSON.' })
  }
  if (!(SOURCE_METHODS as readonly string[]).includes(method)) {
    return failure(404, { code: 'NO_METHOD', message: `There is no method ${method}.` })
  }
  let asked: object
  try {
    asked = readRequest(await request.body(MAX_BODY_BYTES))
  } catch {
    return failure(400, { code: 'BAD_REQUEST', message: 'The request is no map in JSON.' })
  }
  if ((LONG_METHODS as readonly string[]).includes(method)) {
    return json(200, longCall(options, request, method as SourceMethod, asked))
  }
  try {
    const value = await options.source[method as SourceMethod](asked as never, {
      signal: request.signal
    })
    return json(200, `${formatWire({ value })}\n`)
  } catch (error) {
    return failure(422, problemOf(error, options.hintOf))
  }
}

function readRequest(bytes: Uint8Array): object {
  const request = parseWire(decodeUtf8(bytes) || '{}')
  if (typeof request === 'object' && request !== null && !Array.isArray(request)) return request
  throw new TypeError('no map')
}

/** Calls a method that tells how far it is: a line each time, the last one with what came out. */
async function* longCall(
  { source, hintOf }: DashboardServerOptions,
  { signal }: WebRequest,
  method: SourceMethod,
  asked: object
): AsyncGenerator<string> {
  let latest: CallProgress | undefined
  let wake: () => void = () => undefined
  let outcome: object | undefined
  const onProgress = (progress: CallProgress): void => {
    latest = progress
    wake()
  }
  const ended = source[method](asked as never, { signal, onProgress }).then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error: problemOf(error, hintOf) })
  )
  void ended.then((found) => {
    outcome = found
    wake()
  })
  while (outcome === undefined) {
    await new Promise<void>((resolve) => {
      wake = resolve
      if (latest !== undefined || outcome !== undefined) resolve()
    })
    const progress = latest
    latest = undefined
    if (progress !== undefined) yield `${formatWire({ progress })}\n`
  }
  yield `${formatWire(outcome)}\n`
}

/** Compares in a time that doesn't tell how much is alike. */
function isSame(given: string, wanted: string): boolean {
  let difference = given.length ^ wanted.length
  for (let at = 0; at < wanted.length; at++) {
    difference |= given.charCodeAt(at) ^ wanted.charCodeAt(at)
  }
  return difference === 0
}

function failure(status: number, error: SourceProblem): WebResponse {
  return json(status, `${formatWire({ error })}\n`)
}

function json(status: number, body: WebResponse['body']): WebResponse {
  const type = 'application/x-ndjson; charset=utf-8'
  return {
    status,
    headers: { ...HEADERS, 'Content-Type': type, 'Cache-Control': 'no-store' },
    body
  }
}
