import type { HttpRequest, HttpResponse } from '../../remote/transport-http.ts'

/** Some servers answer git's programs alone, whom they know by this. */
export const USER_AGENT = 'git/runtree'

/** Sends a request whose body is read while it is sent, with no more than a piece of it in memory. */
export async function uploadStream(request: HttpRequest): Promise<HttpResponse> {
  const { url, method = 'POST', headers = {}, body, signal } = request
  const init = {
    method,
    headers: { ...headers },
    redirect: 'manual',
    duplex: 'half',
    ...(body === undefined ? {} : { body: ReadableStream.from(body) }),
    ...(signal === undefined ? {} : { signal })
  } as RequestInit
  const answer = await fetch(url, init)
  return {
    url: answer.url,
    statusCode: answer.status,
    headers: Object.fromEntries(answer.headers),
    ...(answer.body === null ? {} : { body: answer.body as AsyncIterable<Uint8Array> })
  }
}
