import { lazy } from './parts/lazy.tsx'
import type { Pages } from './shell.tsx'

/** The pages; each is loaded when it is first shown. */
export const PAGES: Pages = {
  projects: lazy(async () => (await import('./pages/projects-page.tsx')).ProjectsPage),
  project: lazy(async () => (await import('./pages/project-page.tsx')).ProjectPage),
  runs: lazy(async () => (await import('./pages/runs-page.tsx')).RunsPage),
  run: lazy(async () => (await import('./pages/run-page.tsx')).RunPage),
  compare: lazy(async () => (await import('./pages/compare-page.tsx')).ComparePage),
  sync: lazy(async () => (await import('./pages/sync-page.tsx')).SyncPage)
}
