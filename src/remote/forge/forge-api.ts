import { concatBytes, decodeUtf8 } from '../../base/bytes.ts'
import { isJsonObject, type Json } from '../../base/json.ts'
import type { Platform } from '../../base/platform.ts'
import type { Oid } from '../../git/objects.ts'
import { cleanMessage } from '../advertisement.ts'
import { CredentialChain, type CredentialProvider } from '../credentials.ts'
import { remoteErrors } from '../errors.ts'
import type { HttpContext, HttpResponse } from '../git-http.ts'
import { explainFetchFailure } from '../http-failure.ts'
import { retry } from '../retry.ts'
import {
  CONNECT_TIMEOUT_MS,
  linkSignal,
  SILENCE_TIMEOUT_MS,
  type TransportOptions,
  timeoutError,
  Watch
} from '../transport.ts'
import { explainRefusal } from './forge-failure.ts'
import { Told } from './told.ts'

/** What an API is asked with. */
export interface ForgeContext {
  readonly http: Pick<HttpContext, 'send' | 'userAgent'>
  readonly platform: Platform
  /** Asked for a token; what they give goes to the API alone. */
  readonly credentials: readonly CredentialProvider[]
  /** Who is to ask no more for now, by the address of the API and the token. */
  readonly limits: Map<string, { readonly untilMs: number; readonly error: Error }>
  /** Pages of lists that never change, by their addresses. */
  readonly pages: Map<string, readonly Json[]>
}

/** How many pages of lists that never change are kept; the oldest go first. */
const MOST_PAGES = 100
/** How many items a page of a list has. */
const PAGE_ITEMS = 100

/** How long nobody asks where a server that was asked too much doesn't say. */
const PATIENCE_MS = 60_000

/** What is asked for. */
export interface ForgeRequest {
  /** What the answer is to be. Default: JSON. */
  readonly accept?: string
  /** Statuses that mean that there is no such thing. Default: none; they are failures. */
  readonly absent?: readonly number[]
  /** An answer of more bytes counts as absent. Default: any number. */
  readonly mostBytes?: number
}

interface Answer {
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
}

/** The API of a forge: requests that only read, each answer as a whole. */
export class ForgeApi {
  /** The address of the repository, for messages. */
  readonly url: string
  readonly #base: string
  readonly #context: ForgeContext
  readonly #options: TransportOptions
  readonly #watch: Watch
  #token: Promise<string | undefined> | undefined

  constructor(url: string, base: string, context: ForgeContext, options: TransportOptions = {}) {
    this.url = url
    this.#base = base.replace(/\/+$/, '')
    this.#context = context
    this.#options = options
    this.#watch = new Watch(context.platform.timers)
  }

  /** Returns what lies at a path, which begins with `/`; `undefined` if it is absent. */
  async bytes(path: string, request: ForgeRequest = {}): Promise<Uint8Array | undefined> {
    return (await this.#ask(this.#base + path, request))?.body
  }

  /** Returns the JSON at a path; `undefined` if it is absent. @throws REMOTE_PROTOCOL */
  async json(path: string, request: ForgeRequest = {}): Promise<Json | undefined> {
    const answer = await this.#ask(this.#base + path, request)
    return answer === undefined ? undefined : this.#parse(answer)
  }

  /** Returns the items of a list, page by page, as its `Link` headers lead (RFC 8288). */
  async *pages(path: string, request: ForgeRequest = {}): AsyncGenerator<readonly Json[]> {
    let next: string | undefined = this.#base + path
    while (next !== undefined) {
      const answer: Answer | undefined = await this.#ask(next, request)
      if (answer === undefined) return
      const items = this.#parse(answer)
      if (!Array.isArray(items)) throw this.refuse('a list was asked for, and none came')
      yield items as readonly Json[]
      next = this.#nextPage(answer.headers.link, next)
    }
  }

  /**
   * Returns the items of a list that never changes, from a place on: page by page, each asked for once. `path`
   * ends in the parameters of the list.
   */
  async *itemsFrom(path: string, skip: number): AsyncGenerator<Json> {
    const { pages } = this.#context
    for (let at = skip; ; ) {
      const page = Math.floor(at / PAGE_ITEMS) + 1
      const address = `${this.#base}${path}&per_page=${PAGE_ITEMS}&page=${page}`
      const items = pages.get(address) ?? (await this.#pageAt(address))
      pages.delete(address)
      pages.set(address, items)
      for (const kept of pages.keys()) if (pages.size > MOST_PAGES) pages.delete(kept)
      yield* items.slice(at % PAGE_ITEMS)
      if (items.length < PAGE_ITEMS) return
      at = page * PAGE_ITEMS
    }
  }

  async #pageAt(address: string): Promise<readonly Json[]> {
    const items = this.#parse((await this.#ask(address, {})) as Answer)
    if (Array.isArray(items)) return items as readonly Json[]
    throw this.refuse('a list was asked for, and none came')
  }

  /** Returns the failure of an answer that can't be understood. */
  refuse(reason: string): Error {
    return remoteErrors.create('REMOTE_PROTOCOL', { url: this.url, reason })
  }

  /** Returns an answer to read field by field. */
  told(value: Json | undefined): Told {
    return new Told(value, (reason) => this.refuse(reason))
  }

  /** Returns the failure of an object that is not what its name says. */
  damaged(oid: Oid, reason: string): Error {
    return remoteErrors.create('REMOTE_PACK_DAMAGED', {
      url: this.url,
      reason: `${oid}: ${reason}`
    })
  }

  #nextPage(link: string | undefined, current: string): string | undefined {
    const found = /<([^>]+)>\s*;[^,]*\brel="next"/.exec(link ?? '')?.[1]
    if (found === undefined) return undefined
    const next = parseUrl(found, current)
    if (next === undefined) throw this.refuse('its next page has no address')
    // Whoever answers must not lead the token to another host.
    const { protocol, host } = new URL(current)
    if (next.protocol !== protocol || next.host !== host) {
      throw this.refuse('its next page lies elsewhere')
    }
    return next.href
  }

  #parse({ body }: Answer): Json {
    try {
      return JSON.parse(decodeUtf8(body)) as Json
    } catch {
      throw this.refuse('it is no JSON')
    }
  }

  async #ask(address: string, request: ForgeRequest): Promise<Answer | undefined> {
    const token = await this.#readToken()
    const who = `${this.#base} ${token ?? ''}`
    const { limits } = this.#context
    const limit = limits.get(who)
    if (limit !== undefined && this.#now() < limit.untilMs) throw limit.error
    try {
      return await this.#request(address, request, token)
    } catch (error) {
      if (remoteErrors.is(error, 'REMOTE_RATE_LIMIT')) {
        const { untilMs = this.#now() + PATIENCE_MS } = error.data
        limits.set(who, { untilMs, error })
      }
      throw error
    }
  }

  #now(): number {
    return this.#context.platform.clock.now()
  }

  #request(
    address: string,
    request: ForgeRequest,
    token: string | undefined
  ): Promise<Answer | undefined> {
    return retry(this.#context.platform, this.#options, async () => {
      const { controller, unlink } = linkSignal(this.#options.signal)
      try {
        const answer = await this.#send(address, request, { token, controller })
        if (request.absent?.includes(answer.statusCode)) return undefined
        const body = await this.#collect(answer, controller, request.mostBytes)
        if (body === undefined) return undefined
        const headers = answer.headers ?? {}
        if (answer.statusCode === 200) return { headers, body }
        const nowMs = this.#now()
        const refusal = { status: answer.statusCode, headers }
        const hasToken = token !== undefined
        throw explainRefusal(this.url, refusal, readMessage(body), { hasToken, nowMs })
      } finally {
        unlink()
      }
    })
  }

  async #readToken(): Promise<string | undefined> {
    this.#token ??= new CredentialChain(this.#context.credentials)
      .next({ url: this.url })
      .then((credential) => credential?.password)
    return this.#token
  }

  async #send(
    url: string,
    { accept = 'application/json' }: ForgeRequest,
    sending: { readonly token: string | undefined; readonly controller: AbortController }
  ): Promise<HttpResponse> {
    const { token, controller } = sending
    const { http } = this.#context
    const { userAgent } = http
    const headers = {
      Accept: accept,
      ...(userAgent === undefined ? {} : { 'User-Agent': userAgent }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` })
    }
    const { signal } = controller
    signal.throwIfAborted()
    const ms = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
    try {
      const sent = http.send({ url, headers, signal })
      return await this.#watch.guard(sent, ms, () => this.#late('connect', ms, controller))
    } catch (error) {
      throw this.#explain(error)
    }
  }

  async #collect(
    { body }: HttpResponse,
    controller: AbortController,
    mostBytes = Number.POSITIVE_INFINITY
  ): Promise<Uint8Array | undefined> {
    const ms = this.#options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS
    const silent = (): Error => this.#late('silence', ms, controller)
    const chunks: Uint8Array[] = []
    let sizeBytes = 0
    if (body === undefined) return new Uint8Array()
    try {
      for await (const chunk of this.#watch.stream(body, ms, silent)) {
        sizeBytes += chunk.length
        if (sizeBytes > mostBytes) return undefined
        chunks.push(chunk)
      }
    } catch (error) {
      throw this.#explain(error)
    }
    return concatBytes(chunks)
  }

  #late(phase: 'connect' | 'silence', ms: number, controller: AbortController): Error {
    const error = timeoutError(this.url, phase, ms)
    controller.abort(error)
    return error
  }

  #explain(error: unknown): unknown {
    const { signal, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options
    if (signal?.aborted) return signal.reason
    return explainFetchFailure(this.url, error, connectTimeoutMs)
  }
}

/** Forges say what is wrong in the member `message` or `error` of their answers. */
function readMessage(body: Uint8Array): string {
  try {
    const told: unknown = JSON.parse(decodeUtf8(body))
    if (!isJsonObject(told)) return ''
    const message = told.message ?? told.error
    return typeof message === 'string' ? cleanMessage(message).slice(0, 200) : ''
  } catch {
    return ''
  }
}

function parseUrl(text: string, base: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
