import type { Clock, Timers } from '../base/platform.ts'
import type { Service } from './advertisement.ts'
import type { CredentialProvider } from './credentials.ts'

/** A request over HTTP; redirects are not followed where the platform leaves that to us. */
export interface HttpRequest {
  readonly url: string
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
}

/** A request whose body is in memory. */
export interface CollectedRequest extends Omit<HttpRequest, 'body'> {
  readonly body?: readonly Uint8Array[]
}

/** What came back; the body can be read once. */
export interface HttpResponse {
  readonly url: string
  readonly statusCode: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: AsyncIterable<Uint8Array>
}

/** A user's name and secret, as a server takes them. */
export interface HttpAuth {
  readonly username?: string
  readonly password?: string
}

/** Git's smart protocol over HTTP, as far as it is about requests and credentials (gitprotocol-http(5)). */
export interface GitHttp {
  /**
   * Asks for a service, with credentials where the server wants some; returns those that it took, or
   * `undefined` if there were none left.
   */
  discover(request: DiscoverRequest): Promise<HttpAuth | undefined>
  /** Sends a request to a service. */
  connect(request: ConnectRequest): Promise<HttpResponse>
}

export interface DiscoverRequest {
  readonly url: string
  readonly service: Service
  readonly headers: { readonly [name: string]: string }
  readonly signal: AbortSignal
  request(request: HttpRequest): Promise<HttpResponse>
  /** Returns what is tried next. */
  credential(): Promise<HttpAuth | undefined>
  /** Hears that the last credentials were taken. */
  onApproved(): Promise<void>
}

export interface ConnectRequest {
  readonly url: string
  readonly service: Service
  readonly headers: { readonly [name: string]: string }
  readonly auth: HttpAuth
  readonly body: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  request(request: HttpRequest): Promise<HttpResponse>
}

/** What HTTP needs of its surroundings. */
export interface HttpContext {
  readonly timers: Timers
  readonly clock: Clock
  /** Asked in this order when the server wants credentials. */
  readonly credentials: readonly CredentialProvider[]
  /** Loads what speaks git's protocol, when the first remote is used. */
  readonly git: () => Promise<GitHttp>
  /** Sends a request; follows no redirect that it can see. */
  readonly send: (request: CollectedRequest) => Promise<HttpResponse>
  /** Sends a body as a stream. Default: bodies are collected first, as browsers want it. */
  readonly upload?: (request: HttpRequest) => Promise<HttpResponse>
  /** Default: what the platform sends. */
  readonly userAgent?: string
}
