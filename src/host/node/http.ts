import { concatBytes } from '../../base/bytes.ts'
import type {
  CollectedRequest,
  GitHttp,
  HttpContext,
  HttpRequest,
  HttpResponse
} from '../../remote/git-http.ts'

/** Some servers answer git's programs alone, whom they know by this. */
const USER_AGENT = 'git/runtree'

/** What HTTP needs of Node. */
export const nodeHttp: Pick<HttpContext, 'git' | 'send' | 'upload' | 'userAgent'> = {
  git: loadGitHttp,
  send,
  upload,
  userAgent: USER_AGENT
}

/** Loads isomorphic-git's discovery and authentication; it is the larger part of what a start would load. */
async function loadGitHttp(): Promise<GitHttp> {
  const { GitRemoteHTTP } = await import('isomorphic-git/managers')
  return {
    async discover({ url, service, headers, signal, request, credential, onApproved }) {
      const next = async () => {
        const found = await credential()
        return found === undefined ? { cancel: true } : { ...found }
      }
      try {
        const { auth } = await GitRemoteHTTP.discover({
          http: { request } as never,
          url,
          service,
          headers: { ...headers },
          protocolVersion: 1,
          signal: signal as never,
          onAuth: next,
          onAuthFailure: next,
          onAuthSuccess: onApproved
        })
        return auth
      } catch (error) {
        const isCancelled =
          error instanceof Error && 'code' in error && error.code === 'UserCanceledError'
        if (isCancelled) return undefined
        throw error
      }
    },
    async connect({ url, service, headers, auth, body, signal, request }) {
      const answer = await GitRemoteHTTP.connect({
        http: { request } as never,
        url,
        service,
        headers: { ...headers },
        auth,
        body,
        signal: signal as never
      })
      return answer as HttpResponse
    }
  }
}

async function send({ body, ...request }: CollectedRequest): Promise<HttpResponse> {
  const { default: web } = await import('isomorphic-git/http/web')
  return web.request({
    ...request,
    fetchOptions: { redirect: 'manual' },
    ...(body === undefined ? {} : { body: [concatBytes(body)] })
  } as never) as Promise<HttpResponse>
}

/** Sends a request whose body is read while it is sent, with no more than a piece of it in memory. */
async function upload(request: HttpRequest): Promise<HttpResponse> {
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
