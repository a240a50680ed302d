import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { openWorkspace } from '../../../src/node.ts'
import { createDesk } from '../../cli/desk.ts'
import { git, gitBytes, makeTempFolder, removeTempFolder } from '../../support/git.ts'
import { serveGitHub } from '../../support/github-server.ts'
import { serveGitLab } from '../../support/gitlab-server.ts'
import { serveGitHttp } from '../../support/http-server.ts'
import { startBrowser } from '../browser.ts'
import { bundleFolder, serveFiles, serveSite } from '../site.ts'
import { type Facts, gatherFacts, type Study } from './facts.ts'
import { makeIris } from './iris.ts'
import { startUi } from './ui-process.ts'
import { makeVision } from './vision.ts'

/** The projects that are walked through, with the addresses that somebody is given of each. */
export interface Scene {
  readonly browser: Browser
  readonly places: readonly Place[]
  close(): Promise<void>
}

/** A project, and where it can be seen. */
export interface Place {
  readonly facts: Facts
  /** The first address, by the way in. */
  readonly addresses: Readonly<Record<WayName, string>>
}

/** So many requests each forge answers, without a token: what GitHub answers in an hour. */
const REQUESTS = 60

/** So many runs, the newest ones, are on published sites. */
export const PUBLISHED = 2000

export const WAY_NAMES = ['ui', 'remote', 'GitHub', 'GitLab', 'report', 'site'] as const
export type WayName = (typeof WAY_NAMES)[number]

const STUDIES: Readonly<Record<'iris' | 'vision', Study>> = {
  iris: {
    project: 'iris',
    experiment: 'iris-classifiers',
    metric: 'accuracy',
    curve: {
      metric: 'by-rows/test-accuracy',
      split: 'fold-1',
      chart: 'by-rows/accuracy',
      line: ' test fold-1'
    },
    result: 'predictions',
    file: 'model.json',
    going: 'logistic-regression'
  },
  vision: {
    project: 'vision',
    experiment: 'nets',
    metric: 'accuracy',
    curve: { metric: 'loss', chart: 'loss', line: '' },
    result: 'predictions',
    file: 'model.json',
    going: 'going'
  }
}

/** Makes the projects, and everything that serves them. */
export async function openScene(test: Mocha.Context): Promise<Scene> {
  const browser = await startBrowser(test)
  const folder = makeTempFolder()
  const closing: (() => Promise<unknown>)[] = [
    async () => removeTempFolder(folder),
    () => browser.close()
  ]
  const close = async (): Promise<void> => {
    for (const each of closing.reverse()) await each()
  }
  try {
    const [home, remotes] = [join(folder, 'home'), join(folder, 'remotes')]
    mkdirSync(remotes)
    const going = [await makeIris(remotes, home), await makeVision(folder, home)]
    for (const { run } of going) closing.push(() => run.finish())
    const keep = <T extends { close(): Promise<unknown> }>(server: T): T => {
      closing.push(() => server.close())
      return server
    }
    const workspace = await openWorkspace({ folder: home, background: false })
    const site = keep(await serveSite())
    const served = keep(await serveGitHttp(remotes, { cors: site.url }))
    const ui = keep(await startUi(home))
    const places: Place[] = []
    for (const study of Object.values(STUDIES)) {
      const { project } = study
      const origin = join(remotes, `${project}.git`)
      await share(workspace, project, origin)
      const github = keep(await serveGitHub(origin, { limit: REQUESTS }))
      const gitlab = keep(await serveGitLab(origin, { limit: REQUESTS }))
      const forge = (kind: string, api: string): string =>
        `${site.url}/?${new URLSearchParams({ remote: `https://${kind}.example/ada/lab`, forge: kind, api })}`
      const code = study.project === 'vision' ? { code: join(folder, 'code') } : {}
      places.push({
        facts: await gatherFacts(workspace, join(home, `${project}.git`), { ...study, ...code }),
        addresses: {
          ui: ui.url,
          remote: `${site.url}/?remote=${served.url}/${project}.git`,
          GitHub: forge('github', github.url),
          GitLab: forge('gitlab', gitlab.url),
          report: await makeReport(folder, home, project),
          site: keep(await publishSite(folder, home, project, origin)).url
        }
      })
    }
    await workspace.close()
    return { browser, places, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Pushes a project with a summary to where anybody may read it. */
async function share(
  workspace: Awaited<ReturnType<typeof openWorkspace>>,
  project: string,
  origin: string
): Promise<void> {
  git('/', ['init', '--quiet', '--bare', '--initial-branch=main', origin])
  git(origin, ['config', 'uploadpack.allowFilter', 'true'])
  git(origin, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
  const remotes = await workspace.remotes.list({ in: project })
  if (remotes.length === 0) await workspace.remotes.add('team', origin, { in: project })
  await workspace.push({ in: project, remote: 'team', summary: true })
}

async function makeReport(folder: string, home: string, project: string): Promise<string> {
  const path = join(folder, `${project}.html`)
  const desk = createDesk(folder, home, { dashboardFolder: bundleFolder() })
  const { status, err } = await desk.ask(['export', project, path])
  if (status !== 0) throw new TypeError(err)
  return pathToFileURL(path).href
}

async function publishSite(folder: string, home: string, project: string, origin: string) {
  const desk = createDesk(folder, home, { dashboardFolder: bundleFolder() })
  await desk.json('publish', project, '--branch', 'site', '--limit', String(PUBLISHED))
  return serveFiles(async (path) => {
    try {
      return gitBytes(origin, ['show', `site:${path}`])
    } catch {
      return undefined
    }
  })
}
