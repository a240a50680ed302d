import { REPORTED, type WayName } from './scene.ts'
import type { Manners } from './walk.ts'

const ELSEWHERE = /in progress elsewhere/
const IN_A_REPORT = /was in progress when this report was made/

/** What each way in can't know, and how it says so. */
export const MANNERS: Readonly<Record<WayName, Manners>> = {
  ui: { going: /alive, last heard/ },
  remote: { going: ELSEWHERE },
  GitHub: { going: ELSEWHERE },
  GitLab: { going: ELSEWHERE, noHistory: /through the API of GitLab no whole history is brought/ },
  report: { going: IN_A_REPORT, mostRuns: REPORTED },
  site: { going: IN_A_REPORT, mostRuns: REPORTED }
}

/** What is otherwise with thousands of runs. */
export const WITH_MANY_RUNS: Partial<Record<WayName, Partial<Manners>>> = {
  // Every commit is a listing of all runs: the answer comes, but not soon.
  GitHub: { isHistorySlow: true },
  // It takes a request for each run.
  GitLab: { refused: /answers no more requests before \d\d:\d\d UTC; with a token it allows/ }
}
