import type { InnerTab } from '../parts/inner-tabs.tsx'
import type { RunAnswer } from '../source/run-answers.ts'

/** The parts of a run's page. */
export type RunTab = 'overview' | 'results' | 'log' | 'files' | 'code' | 'history'

/** Returns the parts of a run's page. */
export function runTabs({
  results,
  structured,
  artifacts
}: RunAnswer): readonly InnerTab<RunTab>[] {
  return [
    { id: 'overview', title: 'Overview' },
    { id: 'results', title: 'Results', count: results.length + structured.length },
    { id: 'log', title: 'Log' },
    { id: 'files', title: 'Files', count: artifacts.length },
    { id: 'code', title: 'Code and machine' },
    { id: 'history', title: 'History' }
  ]
}
