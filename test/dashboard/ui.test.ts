import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { parseWire } from '../../src/dashboard/source/wire.ts'
import { commandOf } from '../../src/host/node/open-browser.ts'
import { openWorkbench, type Workbench } from '../cli/workbench.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a running `runtree ui` gives to who asks it. */
interface Asked {
  readonly page: string
  readonly about: unknown
  readonly refused: number
}

describe('runtree ui', () => {
  let bench: Workbench

  before(async () => {
    if (!existsSync(`${root}/dist/dashboard/index.html`)) {
      execFileSync(process.execPath, ['.ci/bundle-dashboard.mjs'], { cwd: root })
    }
    bench = await openWorkbench()
    await bench.call(['init', 'lab'])
  })

  after(() => bench.remove())

  /** Starts it, asks it once its address is printed, and ends it by a signal. */
  async function serve(
    args: readonly string[]
  ): Promise<{ readonly asked: Asked; readonly ended: Awaited<ReturnType<Workbench['call']>> }> {
    let asked: Promise<Asked> | undefined
    const ended = await bench.call(['ui', '--no-open', ...args], {
      onOutput(text, kill) {
        const url = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/.exec(text)?.[0]
        if (url === undefined || asked !== undefined) return
        asked = ask(url)
        void asked.catch(() => undefined).finally(() => kill('SIGINT'))
      }
    })
    if (asked === undefined) throw new TypeError(`it printed no address: ${ended.out}${ended.err}`)
    return { asked: await asked, ended }
  }

  async function ask(url: string): Promise<Asked> {
    const { origin, hash } = new URL(url)
    const call = (method: string, token: string): Promise<Response> =>
      fetch(`${origin}/api/${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{"address":"lab","name":"x"}'
      })
    const token = hash.slice('#token='.length)
    const about = parseWire(await (await call('about', token)).text()) as { value: unknown }
    const page = await (await fetch(origin)).text()
    return { page, about: about.value, refused: (await call('about', 'other')).status }
  }

  it('serves the dashboard to who has its address, until Ctrl-C ends it well', async () => {
    const { asked, ended } = await serve([])
    expect(asked.page).to.contain('main.js')
    expect(asked.about).to.deep.include({ way: 'local', writable: true, projects: ['lab'] })
    expect(asked.refused).to.equal(401)
    expect([ended.status, ended.signal]).to.deep.equal([0, null])
    expect(ended.err).to.equal('Ctrl-C ends it.\n')
  })

  it('lets nobody change anything with --read-only; its address is another one each time', async () => {
    const first = await serve(['--read-only', '--quiet'])
    const second = await serve(['--json', '--read-only', '--quiet'])
    expect(first.asked.about).to.deep.include({ writable: false })
    expect(first.ended.err).to.equal('')
    const { url, port } = JSON.parse(second.ended.out)
    expect(url).to.contain(`:${port}/`)
    expect(first.ended.out).not.to.contain(url.split('=')[1])
  })

  it('tells of a port that is none', async () => {
    const { status, err } = await bench.call(['ui', '--no-open', '--port', '70000'])
    expect([status, err.split('\n')[0]]).to.deep.equal([
      2,
      'runtree: 70000 is no port: the greatest is 65535.'
    ])
  })

  it('opens no browser where there is no screen', () => {
    expect(commandOf('linux', {})).to.equal(undefined)
    expect(commandOf('linux', { DISPLAY: ':0' })).to.deep.equal(['xdg-open'])
    expect(commandOf('linux', { WAYLAND_DISPLAY: 'w', CI: 'true' })).to.equal(undefined)
    expect(commandOf('darwin', {})).to.deep.equal(['open'])
  })
})
