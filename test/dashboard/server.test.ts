import { request } from 'node:http'
import { expect } from 'chai'
import type { WebServer } from '../../src/base/web-server.ts'
import { createDashboardServer } from '../../src/dashboard/server/dashboard-server.ts'
import type { Source } from '../../src/dashboard/source/source.ts'
import { SourceError } from '../../src/dashboard/source/source-error.ts'
import { parseWire } from '../../src/dashboard/source/wire.ts'
import { startWebServer } from '../../src/host/node/web-server.ts'

const TOKEN = 'secret-token'
const JSON_TYPE = { 'content-type': 'application/json' }
const ALLOWED = { ...JSON_TYPE, authorization: `Bearer ${TOKEN}` }

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

describe('the server of the dashboard', () => {
  let server: WebServer
  const asked: unknown[] = []
  const aborted: boolean[] = []

  before(async () => {
    const source = {
      about: async (given: object) => {
        asked.push(given)
        return { way: 'local', odd: Number.NaN }
      },
      find: async () => {
        throw new SourceError({ code: 'QUERY_SYNTAX', message: 'wrong', hint: 'there' })
      },
      run: async () => {
        throw new TypeError('https://ada:password@example.org is bad')
      },
      push: async (_: object, { onProgress }: { onProgress(progress: object): void }) => {
        onProgress({ text: 'sending objects', done: 1, total: 2 })
        await new Promise((resolve) => setImmediate(resolve))
        return { remote: 'origin' }
      },
      pull: async () => {
        throw new SourceError({ code: 'REMOTE_UNREACHABLE', message: 'gone' })
      },
      live: (_: object, { signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(true)
            reject(signal.reason as Error)
          })
          asked.push('live')
        })
    } as unknown as Source
    const files = new Map([
      ['index.html', '<!doctype html><meta name="runtree" content="hosted" />'],
      ['main.js', 'run()'],
      ['parts/chart-AB12.js', 'draw()']
    ])
    const readFile = async (name: string): Promise<Uint8Array | undefined> => {
      const text = files.get(name)
      return text === undefined ? undefined : new TextEncoder().encode(text)
    }
    server = await startWebServer(createDashboardServer({ source, token: TOKEN, readFile }))
  })

  after(() => server.close())

  beforeEach(() => {
    asked.length = 0
  })

  function ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body = ''
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const own = { host: `127.0.0.1:${server.port}`, ...headers }
      const call = request({ port: server.port, method, path, headers: own }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
        })
      })
      call.on('error', reject)
      call.end(body)
    })
  }

  const codeOf = ({ text }: Answer): string =>
    (parseWire(text) as { error: { code: string } }).error.code

  it('gives the files of the bundle, with a policy that lets nothing else run', async () => {
    const page = await ask('GET', '/?remote=x')
    expect([page.status, page.text]).to.deep.equal([
      200,
      '<!doctype html><meta name="runtree" content="server" />'
    ])
    const policy = String(page.headers['content-security-policy'])
    expect(policy).to.contain("default-src 'none'").and.contain("script-src 'self'")
    expect(policy).to.contain("connect-src 'self'").and.contain("frame-ancestors 'none'")
    expect(policy).not.to.contain('unsafe')
    expect(page.headers).to.include({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY'
    })
    const part = await ask('GET', '/parts/chart-AB12.js')
    expect(part.headers['content-type']).to.equal('text/javascript; charset=utf-8')
    expect(part.headers['cache-control']).to.contain('immutable')
    expect((await ask('HEAD', '/main.js')).text).to.equal('')
  })

  it('gives no other file', async () => {
    for (const path of [
      '/none.js',
      '/../package.json',
      '/parts/../../x.js',
      '/%2e%2e/x.js',
      '//x.js'
    ]) {
      expect((await ask('GET', path)).status, path).to.equal(404)
    }
    expect((await ask('PUT', '/main.js')).status).to.equal(405)
  })

  it('answers who has the token', async () => {
    const answer = await ask('POST', '/api/about', ALLOWED, '{"a":1}')
    expect(answer.status).to.equal(200)
    expect(parseWire(answer.text)).to.deep.equal({ value: { way: 'local', odd: Number.NaN } })
    expect(answer.headers['cache-control']).to.equal('no-store')
    expect(answer.headers['content-security-policy']).to.contain("default-src 'none'")
    expect(asked).to.deep.equal([{ a: 1 }])
  })

  it('answers nobody else', async () => {
    const wrong = ['', 'Bearer ', 'Bearer secret-tokem', 'Bearer secret-token2', `Basic ${TOKEN}`]
    for (const authorization of wrong) {
      const answer = await ask('POST', '/api/about', { ...JSON_TYPE, authorization }, '{}')
      expect([answer.status, codeOf(answer)], authorization).to.deep.equal([401, 'TOKEN'])
      expect(answer.text).not.to.contain(TOKEN)
    }
    expect((await ask('POST', `/api/about?token=${TOKEN}`, JSON_TYPE, '{}')).status).to.equal(401)
    expect(asked).to.deep.equal([])
  })

  it('answers to no name but those of this machine', async () => {
    for (const host of ['evil.example', `evil.example:${server.port}`, 'localhost.evil.example']) {
      const answer = await ask('POST', '/api/about', { ...ALLOWED, host }, '{}')
      expect([answer.status, codeOf(answer)], host).to.deep.equal([403, 'FOREIGN_HOST'])
      expect((await ask('GET', '/', { host })).status).to.equal(403)
    }
    for (const host of ['localhost:8080', 'LOCALHOST', '[::1]:1', '127.0.0.1']) {
      expect((await ask('POST', '/api/about', { ...ALLOWED, host }, '{}')).status, host).to.equal(
        200
      )
    }
  })

  it('answers no page of another site, though it had the token', async () => {
    const foreign: Readonly<Record<string, string>>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' }
    ]
    for (const headers of foreign) {
      const answer = await ask('POST', '/api/about', { ...ALLOWED, ...headers }, '{}')
      expect([answer.status, codeOf(answer)]).to.deep.equal([403, 'FOREIGN_ORIGIN'])
      expect(answer.headers).not.to.have.property('access-control-allow-origin')
    }
    const origin = `http://127.0.0.1:${server.port}`
    const own = { ...ALLOWED, origin, 'sec-fetch-site': 'same-origin' }
    expect((await ask('POST', '/api/about', own, '{}')).status).to.equal(200)
    expect(asked).to.have.length(1)
  })

  it('takes JSON by POST alone, of a bounded length, and only methods that there are', async () => {
    expect((await ask('GET', '/api/about', ALLOWED)).status).to.equal(405)
    const form = { ...ALLOWED, 'content-type': 'text/plain' }
    expect((await ask('POST', '/api/about', form, '{}')).status).to.equal(405)
    for (const body of ['nonsense', '[]', '1', `"${'x'.repeat(5_000_000)}"`]) {
      expect((await ask('POST', '/api/about', ALLOWED, body)).status).to.equal(400)
    }
    for (const method of ['none', 'constructor', '__proto__', 'toString']) {
      expect((await ask('POST', `/api/${method}`, ALLOWED, '{}')).status).to.equal(404)
    }
    expect(asked).to.deep.equal([])
  })

  it('tells failures as data, without credentials', async () => {
    const wrong = await ask('POST', '/api/find', ALLOWED, '{}')
    expect(wrong.status).to.equal(422)
    expect(parseWire(wrong.text)).to.deep.equal({
      error: { code: 'QUERY_SYNTAX', message: 'wrong', hint: 'there' }
    })
    expect((await ask('POST', '/api/run', ALLOWED, '{}')).text).not.to.contain('password')
  })

  it('tells how far what takes long is, and how it ended', async () => {
    const linesOf = ({ text }: Answer): unknown[] => text.trim().split('\n').map(parseWire)
    expect(linesOf(await ask('POST', '/api/push', ALLOWED, '{}'))).to.deep.equal([
      { progress: { text: 'sending objects', done: 1, total: 2 } },
      { value: { remote: 'origin' } }
    ])
    expect(linesOf(await ask('POST', '/api/pull', ALLOWED, '{}'))).to.deep.equal([
      { error: { code: 'REMOTE_UNREACHABLE', message: 'gone' } }
    ])
  })

  it('stops what nobody waits for any more', async () => {
    const call = request({
      port: server.port,
      method: 'POST',
      path: '/api/live',
      headers: { ...ALLOWED, host: 'localhost' }
    })
    call.on('error', () => undefined)
    call.end('{}')
    await until(() => asked.includes('live'))
    call.destroy()
    await until(() => aborted.length > 0)
  })
})

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds(); ) {
    if (Date.now() > end) throw new TypeError('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
