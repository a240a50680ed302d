import { type LazyComponent, lazy } from './parts/lazy.tsx'
import type { PageName, Route } from './route.ts'
import type { PageProps } from './shell.tsx'

/** The pages; each is loaded when it is first shown. */
export const PAGES: { readonly [P in PageName]: LazyComponent<PageProps> } = {
  projects: lazy(async () => (await import('./pages/projects-page.tsx')).ProjectsPage),
  project: lazy(async () => (await import('./pages/project-page.tsx')).ProjectPage),
  runs: lazy(async () => (await import('./pages/runs-page.tsx')).RunsPage),
  run: lazy(async () => (await import('./pages/run-page.tsx')).RunPage),
  compare: lazy(async () => (await import('./pages/compare-page.tsx')).ComparePage),
  sync: lazy(async () => (await import('./pages/sync-page.tsx')).SyncPage)
}

/** Loads all pages, so that they are there when the network is gone. */
export async function loadAllAhead(): Promise<void> {
  for (const page of Object.values(PAGES)) await page.load().catch(() => undefined)
  await Promise.allSettled([import('./parts/sanitize.ts'), import('./parts/help.tsx')])
}

/** Loads the pages that are mostly looked at next: a table, and a run of it. */
export async function loadNextAhead(): Promise<void> {
  for (const page of ['runs', 'run'] as const) await PAGES[page].load().catch(() => undefined)
}

/** Loads a page that will be shown; why it can't be loaded is told when it is. */
export function loadAhead(page: Route['page']): void {
  if (page !== 'unknown') void PAGES[page].load().catch(() => undefined)
}
