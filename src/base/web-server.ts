/** A request to a server of this machine. */
export interface WebRequest {
  readonly method: string
  /** The path with its query, as it was sent. */
  readonly target: string
  /** By name in small letters. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** Reads the body. @throws RangeError if it is longer than that. */
  body(maxBytes: number): Promise<Uint8Array>
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** What is answered. */
export interface WebResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** A stream is sent as it comes. */
  readonly body: Uint8Array | string | AsyncIterable<string>
}

/** Answers requests; it never throws. */
export type WebHandler = (request: WebRequest) => Promise<WebResponse>

/** A server that is running. */
export interface WebServer {
  readonly port: number
  /** Ends it and what it is answering. */
  close(): Promise<void>
}

/**
 * Starts a server that only programs of this machine reach.
 *
 * @throws the platform's error with its code, such as `EADDRINUSE`.
 */
export type StartWebServer = (
  handler: WebHandler,
  options?: {
    /** Default: one that is free. */
    readonly port?: number
  }
) => Promise<WebServer>
