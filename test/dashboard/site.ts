import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WebServer } from '../../src/base/web-server.ts'
import { startWebServer } from '../../src/host/node/web-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The folder of the dashboard's bundle, which is made if it isn't there. */
export function bundleFolder(): string {
  if (!existsSync(`${root}/dist/dashboard/index.html`)) {
    execFileSync(process.execPath, ['.ci/bundle-dashboard.mjs'], { cwd: root })
  }
  return `${root}/dist/dashboard`
}

type Site = WebServer & { readonly url: string }

/**
 * Serves files as any static host does: the bundle, and others by their names. `intercept` is told of each
 * and may refuse it.
 */
export function serveSite(
  others: ReadonlyMap<string, string | Uint8Array> = new Map(),
  options: { readonly intercept?: (path: string) => boolean } = {}
): Promise<Site> {
  const folder = bundleFolder()
  return serveFiles(async (path) => {
    if (options.intercept?.(path)) return undefined
    const known = others.get(path)
    if (known !== undefined) return known
    return existsSync(`${folder}/${path}`) ? readFileSync(`${folder}/${path}`) : undefined
  })
}

/** Serves files by their paths. */
export async function serveFiles(
  read: (path: string) => Promise<string | Uint8Array | undefined>
): Promise<Site> {
  const types: Readonly<Record<string, string>> = {
    css: 'text/css',
    html: 'text/html',
    js: 'text/javascript',
    json: 'application/json'
  }
  const server = await startWebServer(async ({ method, target }) => {
    const path = target.replace(/[?#].*$/, '').slice(1) || 'index.html'
    const body = await read(path)
    if (body === undefined || method !== 'GET') return { status: 404, headers: {}, body: 'nothing' }
    const type = types[path.split('.').pop() as string] ?? 'application/octet-stream'
    return { status: 200, headers: { 'content-type': type }, body }
  })
  return { ...server, url: `http://127.0.0.1:${server.port}` }
}
