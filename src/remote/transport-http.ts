import { type Advertisement, readAdvertisement, type Service } from './advertisement.ts'
import { CredentialChain } from './credentials.ts'
import { remoteErrors } from './errors.ts'
import type { HttpContext, HttpRequest, HttpResponse } from './git-http.ts'
import { explainFetchFailure, explainStatus, readPreview } from './http-failure.ts'
import { nextAddress } from './http-redirect.ts'
import { PktReader } from './pkt-line.ts'
import { joinStreams, recordInto, streamOf } from './streams.ts'
import {
  CONNECT_TIMEOUT_MS,
  type Connection,
  type ConnectionMark,
  linkSignal,
  SILENCE_TIMEOUT_MS,
  type TransportOptions,
  timeoutError,
  Watch
} from './transport.ts'
import type { HttpAddress } from './url.ts'

const MAX_REDIRECTS = 5
/** Smaller bodies are sent with their length, which every server takes. */
const COLLECTED_BYTES = 1 << 20

/** Opens a way to a repository behind a web server; sends nothing yet. */
export function openHttp(
  address: HttpAddress,
  context: HttpContext,
  options: TransportOptions = {}
): Connection {
  return new HttpConnection(address, context, options)
}

/**
 * Discovery, authentication and requests are the host's. The list of refs is read here: the reader of
 * isomorphic-git takes one that is cut short for whole, and refs that are missing would count as
 * deleted.
 */
class HttpConnection implements Connection {
  readonly url: string
  readonly isStateless = true
  readonly #address: HttpAddress
  readonly #context: HttpContext
  readonly #options: TransportOptions
  readonly #watch: Watch
  readonly #link: ReturnType<typeof linkSignal>
  /** Where the server sent on to; the address itself otherwise. */
  #base: string
  #chain: CredentialChain
  #auth: { readonly username?: string; readonly password?: string } = {}
  /** Whether the request that was answered last bore credentials. */
  #isAuthorized = false
  #version: 2 | undefined

  constructor(address: HttpAddress, context: HttpContext, options: TransportOptions) {
    this.url = address.url
    this.#address = address
    this.#base = address.url
    this.#context = context
    this.#options = options
    this.#watch = new Watch(context.timers)
    this.#link = linkSignal(options.signal)
    this.#chain = new CredentialChain(context.credentials)
  }

  async advertise(
    service: Service,
    { version }: { readonly version?: 2 } = {}
  ): Promise<Advertisement> {
    this.#version = version
    const git = await this.#context.git()
    let found: Advertisement | undefined
    const request = async (sent: HttpRequest): Promise<HttpResponse> => {
      const answer = await this.#discover(sent, service)
      if (answer.statusCode !== 200) return answer
      const chunks: Uint8Array[] = []
      const body = this.#listen(answer)
      found = await readAdvertisement(this.url, new PktReader(this.url, recordInto(body, chunks)))
      return { ...answer, body: streamOf(chunks) }
    }
    this.#chain = new CredentialChain(this.#context.credentials)
    const auth = await git.discover({
      url: this.#address.url,
      service,
      headers: this.#headers(),
      signal: this.#link.controller.signal,
      request,
      credential: () => this.#chain.next(this.#request()),
      onApproved: () => this.#chain.approve(this.#request())
    })
    if (auth === undefined) {
      const credentials = this.#chain.wasTried ? 'refused' : 'none'
      throw remoteErrors.create('REMOTE_UNAUTHORIZED', { url: this.url, credentials, detail: '' })
    }
    this.#auth = this.#isAuthorized ? auth : {}
    return found as Advertisement
  }

  async *exchange(
    service: Service,
    request: AsyncIterable<Uint8Array>
  ): AsyncGenerator<Uint8Array> {
    const git = await this.#context.git()
    const send = async (sent: HttpRequest): Promise<HttpResponse> => {
      const answer = await this.#send(sent, this.#options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS)
      await this.#checkAnswer(service, answer, 'result')
      return answer
    }
    const answer = await git.connect({
      url: this.#base,
      service,
      headers: this.#headers(),
      auth: this.#auth,
      body: this.#watch.beats(request),
      signal: this.#link.controller.signal,
      request: send
    })
    yield* this.#listen(answer)
  }

  mark(): ConnectionMark {
    const version = this.#version === undefined ? {} : { version: this.#version }
    return { base: this.#base, isAuthorized: this.#isAuthorized, ...version }
  }

  async resume({ base, isAuthorized, version }: ConnectionMark): Promise<void> {
    this.#base = base
    this.#version = version
    this.#isAuthorized = isAuthorized
    this.#auth = isAuthorized ? ((await this.#chain.next(this.#request())) ?? {}) : {}
  }

  async close(): Promise<void> {
    this.#link.unlink()
    this.#link.controller.abort()
  }

  #headers(): { [name: string]: string } {
    const { userAgent } = this.#context
    return {
      ...(userAgent === undefined ? {} : { 'User-Agent': userAgent }),
      ...(this.#version === undefined ? {} : { 'Git-Protocol': `version=${this.#version}` })
    }
  }

  #request(): { readonly url: string; readonly username?: string } {
    const { username } = this.#address
    return { url: this.#base, ...(username === undefined ? {} : { username }) }
  }

  /** Asks for the list of refs and follows redirects, so that what comes later goes there at once. */
  async #discover(sent: HttpRequest, service: Service): Promise<HttpResponse> {
    const query = `/info/refs?service=${service}`
    const headers: { [name: string]: string } = { ...sent.headers }
    const timeoutMs = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
    let url = this.#base + query
    for (let followed = 0; ; followed++) {
      const answer = await this.#send({ ...sent, url, headers }, timeoutMs, 'connect')
      // A browser follows by itself and tells only where it came out.
      const to = nextAddress(this.url, url, answer, followed < MAX_REDIRECTS)
      if (to === undefined) {
        this.#isAuthorized = headers.Authorization !== undefined
        if (answer.url.endsWith(query)) this.#base = answer.url.slice(0, -query.length)
        if (answer.statusCode !== 401 && answer.statusCode !== 203) {
          await this.#checkAnswer(service, answer, 'advertisement')
        }
        return answer
      }
      const isElsewhere = new URL(to).host !== new URL(url).host
      url = to
      if (url.endsWith(query)) this.#base = url.slice(0, -query.length)
      if (!isElsewhere) continue
      delete headers.Authorization
      this.#chain = new CredentialChain(this.#context.credentials)
    }
  }

  async #checkAnswer(
    service: Service,
    answer: HttpResponse,
    kind: 'advertisement' | 'result'
  ): Promise<void> {
    if (answer.statusCode !== 200) {
      const nowMs = this.#context.clock.now()
      const { wasTried } = this.#chain
      throw await explainStatus(this.url, service, answer, { wasTried, nowMs })
    }
    const type = answer.headers?.['content-type']?.split(';')[0]?.trim()
    if (type === `application/x-${service}-${kind}`) return
    const preview = await readPreview(answer)
    throw remoteErrors.create('REMOTE_NOT_GIT', { url: this.url, preview })
  }

  async #send(
    request: HttpRequest,
    timeoutMs: number,
    phase: 'connect' | 'silence' = 'silence'
  ): Promise<HttpResponse> {
    const { signal } = this.#link.controller
    signal.throwIfAborted()
    const sent = sendRequest(this.#context, { ...request, signal })
    const silent = (): Error => this.#silence(phase, timeoutMs)
    try {
      return await this.#watch.guard(sent, timeoutMs, silent)
    } catch (error) {
      throw this.#explain(error)
    }
  }

  async *#listen({ body }: HttpResponse): AsyncGenerator<Uint8Array> {
    const ms = this.#options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS
    try {
      yield* this.#watch.stream(body ?? streamOf([]), ms, () => this.#silence('silence', ms))
    } catch (error) {
      throw this.#explain(error)
    }
  }

  #silence(phase: 'connect' | 'silence', timeoutMs: number): Error {
    const error = timeoutError(this.url, phase, timeoutMs)
    this.#link.controller.abort(error)
    return error
  }

  #explain(error: unknown): unknown {
    const { signal } = this.#options
    if (signal?.aborted) return signal.reason
    return explainFetchFailure(
      this.url,
      error,
      this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
    )
  }
}

async function sendRequest(context: HttpContext, request: HttpRequest): Promise<HttpResponse> {
  const { body, ...rest } = request
  if (body === undefined) return context.send(rest)
  const chunks: Uint8Array[] = []
  let size = 0
  const iterator = body[Symbol.asyncIterator]()
  for (;;) {
    const { value, done } = await iterator.next()
    if (done) return context.send({ ...rest, body: chunks })
    chunks.push(value)
    size += value.length
    if (context.upload !== undefined && size > COLLECTED_BYTES) break
  }
  return context.upload({ ...rest, body: joinStreams(chunks, iterator) })
}
