import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { bundleFolder, serveFiles } from '../../test/dashboard/site.ts'
import { bundleForBrowser, openPage, serveScripts } from '../../test/support/chromium.ts'
import { git } from '../../test/support/git.ts'
import { serveGitHttp } from '../../test/support/http-server.ts'
import { BRANCH, makeHistory } from '../history.ts'
import { type BenchBrowser, median, onClock, tableOf } from './tools.ts'

/** What visits to a project of a remote came to; medians. */
export interface Visits {
  readonly firstMs: number
  readonly secondMs: number
  readonly opponentMs: number
  /** With a clone of the newest state only. */
  readonly shallowOpponentMs: number
  /** What a first visit loads of the site, compressed. */
  readonly firstLoadBytes: number
  /** Of the process of the page after the first visit. */
  readonly memoryBytes: number
}

/** A repository that is served. */
export interface BenchRemote {
  readonly folder: string
  readonly name: string
  readonly runs: number
}

/** Makes a repository of so many runs, packed as servers do, that lets one leave objects there. */
export async function makeRemote(folder: string, runs: number): Promise<BenchRemote> {
  const name = 'bench.git'
  await makeHistory(`${folder}/ada`, runs)
  git(folder, ['clone', '--quiet', '--mirror', `ada/${name}`, name])
  git(`${folder}/${name}`, ['repack', '-adq'])
  for (const setting of ['allowFilter', 'allowAnySHA1InWant']) {
    git(`${folder}/${name}`, ['config', `uploadpack.${setting}`, 'true'])
  }
  return { folder, name, runs }
}

/** Measures visits, each by a page that has seen nothing, then once more. */
export async function measureVisits(
  browser: BenchBrowser,
  { folder, name, runs }: BenchRemote,
  turns: number
): Promise<Visits> {
  const loaded = new Set<string>()
  const site = await serveFiles(async (path) => {
    loaded.add(path)
    return read(`${bundleFolder()}/${path}`)
  })
  const opponent = await serveScripts(new Map([['opponent.js', await readOpponent()]]))
  const server = await serveGitHttp(folder, { cors: '*' })
  const url = `${server.url}/${name}`
  const address = `${site.url}/?${new URLSearchParams({ remote: url })}#/runs/bench/train`
  const times: number[][] = [[], [], [], []]
  let [firstLoadBytes, memoryBytes] = [0, 0]
  try {
    for (let turn = 0; turn < turns; turn++) {
      const context = await browser.newContext()
      for (const visit of [0, 1]) {
        const page = await context.newPage()
        await browser.rest()
        await page.goto(address)
        times[visit]?.push(await onClock(page, 'shown', tableOf(runs)))
        if (visit === 0) {
          const files = [...loaded].map((path) => read(`${bundleFolder()}/${path}`))
          // Later visits load more: what is looked at next.
          firstLoadBytes ||= compressedSize(files)
          memoryBytes = Math.max(memoryBytes, await browser.pageMemory())
        }
        await page.close()
      }
      await context.close()
      for (const depth of [undefined, 1]) {
        const other = await browser.newContext()
        const page = await openPage(other, `${opponent.url}/opponent.html`)
        await browser.rest()
        times[depth === undefined ? 2 : 3]?.push(await visitAsOpponent(page, url, runs, depth))
        await other.close()
      }
    }
  } finally {
    await site.close()
    await opponent.close()
    await server.close()
  }
  const [firstMs, secondMs, opponentMs, shallowOpponentMs] = times.map(median) as [
    number,
    number,
    number,
    number
  ]
  return { firstMs, secondMs, opponentMs, shallowOpponentMs, firstLoadBytes, memoryBytes }
}

async function visitAsOpponent(
  page: Awaited<ReturnType<typeof openPage>>,
  url: string,
  wanted: number,
  depth: number | undefined
): Promise<number> {
  const { runs, ms } = await page.evaluate(
    (given) =>
      (
        globalThis as unknown as {
          visit(...args: unknown[]): Promise<{ readonly runs: number; readonly ms: number }>
        }
      ).visit(...given),
    [url, BRANCH, depth]
  )
  if (runs !== wanted) throw new TypeError(`${runs} runs were read, not ${wanted}.`)
  return ms
}

/** Returns how many bytes files come to when each is compressed. */
export function compressedSize(files: readonly (Uint8Array | undefined)[]): number {
  return files.reduce((sum, file) => sum + gzipSync(file ?? '').length, 0)
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Joins isomorphic-git's bundles for pages, which set globals, and what drives them. */
export async function readOpponent(): Promise<string> {
  const files = ['isomorphic-git/index.umd.min.js', 'isomorphic-git/http/web/index.umd.js']
  const bundles = files.map((file) => {
    const path = fileURLToPath(new URL(`../../node_modules/${file}`, import.meta.url))
    return `(function () {\n${readFileSync(path, 'utf8')}\n}).call(globalThis);\n`
  })
  return bundles.join('') + (await bundleForBrowser('bench/page/opponent.ts'))
}
