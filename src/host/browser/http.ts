import type {
  CollectedRequest,
  GitHttp,
  HttpAuth,
  HttpContext,
  HttpResponse
} from '../../remote/git-http.ts'

/** Returns what HTTP needs of a browser; with a proxy, all requests go there. */
export function createBrowserHttp(proxy?: string): Pick<HttpContext, 'git' | 'send'> {
  return {
    git: async () => browserGitHttp,
    send: (request) => send(request, proxy)
  }
}

/**
 * Git's protocol over `fetch`, in its first version: several forges let no page send the header that
 * asks for the second.
 */
const browserGitHttp: GitHttp = {
  async discover({ url, service, headers, signal, request, credential, onApproved }) {
    const sent: { [name: string]: string } = { ...headers }
    let auth: HttpAuth = {}
    for (let wasTried = false; ; wasTried = true) {
      const address = `${url}/info/refs?service=${service}`
      const answer = await request({ url: address, method: 'GET', headers: sent, signal })
      if (answer.statusCode !== 401 && answer.statusCode !== 203) {
        if (wasTried) await onApproved()
        return auth
      }
      const next = await credential()
      if (next === undefined) return undefined
      auth = next
      sent.Authorization = authorizationOf(next)
    }
  },
  connect({ url, service, headers, auth, body, signal, request }) {
    const isAuthorized = auth.username !== undefined || auth.password !== undefined
    return request({
      url: `${url}/${service}`,
      method: 'POST',
      headers: {
        ...headers,
        'content-type': `application/x-${service}-request`,
        accept: `application/x-${service}-result`,
        ...(isAuthorized ? { Authorization: authorizationOf(auth) } : {})
      },
      body,
      signal
    })
  }
}

/** Returns the header of basic authentication (RFC 7617), in UTF-8. */
function authorizationOf(auth: HttpAuth): string {
  const bytes = new TextEncoder().encode(`${auth.username ?? ''}:${auth.password ?? ''}`)
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`
}

async function send(
  { url, method = 'GET', headers = {}, body, signal }: CollectedRequest,
  proxy: string | undefined
): Promise<HttpResponse> {
  const target = proxy === undefined ? url : proxied(proxy, url)
  const answer = await fetch(target, {
    method,
    headers: { ...headers },
    // Where a redirect leads is hidden from a page, but the browser follows it.
    redirect: method === 'GET' ? 'follow' : 'error',
    credentials: 'omit',
    cache: 'no-store',
    ...(body === undefined ? {} : { body: new Blob(body as Uint8Array<ArrayBuffer>[]) }),
    ...(signal === undefined ? {} : { signal })
  }).catch(async (error: unknown) => {
    throw error instanceof TypeError ? await explain(target, error) : error
  })
  return {
    // What a proxy was asked for is all that counts.
    url: proxy === undefined ? answer.url : url,
    statusCode: answer.status,
    headers: Object.fromEntries(answer.headers),
    ...(answer.body === null ? {} : { body: chunksOf(answer.body) })
  }
}

/** A request without an answer that the page may read, and why, as far as a page can find out. */
class NoAnswerError extends TypeError {
  readonly code: string

  constructor(reason: string, cause: unknown) {
    super(reason, { cause })
    this.code = reason
  }
}

/** Finds out whether a server can be reached, but lets no page of this site read its answers. */
async function explain(url: string, cause: TypeError): Promise<Error> {
  if (!navigator.onLine) return new NoAnswerError('the browser is offline', cause)
  if (location.protocol === 'https:' && url.startsWith('http:')) {
    return new NoAnswerError('a page that came over https may not use http', cause)
  }
  const isThere = await fetch(url, { mode: 'no-cors', credentials: 'omit' }).then(
    () => true,
    () => false
  )
  const reason = isThere
    ? 'the server answers, but lets no page of this site read that (CORS)'
    : 'no answer came'
  return new NoAnswerError(reason, cause)
}

/** Returns the address at a proxy: `https://proxy/host/path`, or behind a `?` at its end. */
function proxied(proxy: string, url: string): string {
  if (proxy.endsWith('?')) return proxy + url
  return `${proxy.replace(/\/+$/, '')}/${url.replace(/^https?:\/\//, '')}`
}

/** Reads a body piece by piece; not every browser can iterate over one. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
