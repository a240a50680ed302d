import type { ComponentType } from 'preact'
import { lazy } from './parts/lazy.tsx'
import type { PageName } from './route.ts'
import type { PageProps, Pages } from './shell.tsx'

const LOADERS: { readonly [P in PageName]: () => Promise<ComponentType<PageProps>> } = {
  projects: async () => (await import('./pages/projects-page.tsx')).ProjectsPage,
  project: async () => (await import('./pages/project-page.tsx')).ProjectPage,
  runs: async () => (await import('./pages/runs-page.tsx')).RunsPage,
  run: async () => (await import('./pages/run-page.tsx')).RunPage,
  compare: async () => (await import('./pages/compare-page.tsx')).ComparePage,
  sync: async () => (await import('./pages/sync-page.tsx')).SyncPage
}

/** The pages; each is loaded when it is first shown. */
export const PAGES: Pages = {
  projects: lazy(LOADERS.projects),
  project: lazy(LOADERS.project),
  runs: lazy(LOADERS.runs),
  run: lazy(LOADERS.run),
  compare: lazy(LOADERS.compare),
  sync: lazy(LOADERS.sync)
}

/** Loads all pages, so that they are there when the network is gone. */
export async function loadAllAhead(): Promise<void> {
  for (const load of Object.values(LOADERS)) await load().catch(() => undefined)
}

/** Loads a page that will be shown; why it can't be loaded is told when it is. */
export function loadAhead(page: PageName): void {
  void LOADERS[page]().catch(() => undefined)
}
