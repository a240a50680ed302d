import { PUBLISHED, type WayName } from './scene.ts'
import type { Manners } from './walk.ts'

const ELSEWHERE = /in progress elsewhere/
const IN_A_REPORT = /was in progress when this report was made/

/** What each way in can't know, and how it says so. */
export const MANNERS: Readonly<Record<WayName, Manners>> = {
  ui: { going: /alive, last heard/ },
  remote: { going: ELSEWHERE },
  GitHub: { going: ELSEWHERE },
  GitLab: { going: ELSEWHERE },
  report: { going: IN_A_REPORT },
  site: { going: IN_A_REPORT, mostRuns: PUBLISHED }
}
