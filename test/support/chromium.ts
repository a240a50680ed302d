import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const EXECUTABLES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** What the pages of the tests may do: scripts of their own site, no eval. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src *; base-uri 'none'"

/** Returns the path of a Chromium that is installed; `undefined` if there is none. */
export function findChromium(): string | undefined {
  return EXECUTABLES.find((path) => existsSync(path))
}

/** Bundles a script for a page as an application would; returns its text. */
export async function bundleForBrowser(
  entry: string,
  options: {
    readonly minify?: boolean
    /** Files that stand in for others, by the endings of what is imported. Default: none. */
    readonly instead?: Readonly<Record<string, string>>
  } = {}
): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [`${root}/${entry}`],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    alias: { runtree: `${root}/src/browser.ts` },
    minify: options.minify ?? false,
    plugins: [replaceFiles(root, options.instead ?? {})],
    write: false,
    logLevel: 'error'
  })
  return outputFiles[0]?.text ?? ''
}

function replaceFiles(root: string, instead: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'replace files',
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ path, importer }) => {
        const found = Object.keys(instead).find((ending) => path.endsWith(ending))
        const file = found === undefined ? undefined : `${root}/${instead[found]}`
        return file === undefined || importer === file ? undefined : { path: file }
      })
    }
  }
}

/** A site of the tests: pages that load one script each. */
export interface TestSite {
  readonly url: string
  close(): Promise<void>
}

/** Serves scripts and pages by their names; a script without a page gets one that loads it. */
export async function serveScripts(scripts: ReadonlyMap<string, string>): Promise<TestSite> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1).split('?')[0] ?? ''
    const source = name.replace(/\.html$/, '.js')
    const page = `<!doctype html><meta charset=utf-8><script type=module src="${source}"></script>`
    const content = scripts.get(name) ?? (scripts.has(source) ? page : undefined)
    response.setHeader('content-security-policy', POLICY)
    if (content === undefined) return void response.writeHead(404).end()
    const type = name.endsWith('.html') ? 'text/html' : 'text/javascript'
    response.setHeader('content-type', type).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

/** Starts Chromium without a window. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

/** Opens a page and passes on what it complains of. */
export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  page.on('console', (message) => {
    // What servers refuse is told by the library's own errors.
    const isNetwork = /^(Failed to load resource|Access to fetch)/.test(message.text())
    if (message.type() === 'error' && !isNetwork) console.error(`In the page: ${message.text()}`)
  })
  await page.goto(url)
  return page
}
