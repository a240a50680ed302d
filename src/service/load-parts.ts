import { loadPatchReader } from '../query/code-diff.ts'
import { loadPatterns } from '../query/language/pattern.ts'

/**
 * Loads what a page needs seldom and else loads when it is needed, so that it is there when the network is gone.
 * A part that can't be loaded is left; whoever needs it is told.
 */
export async function loadParts(): Promise<void> {
  await Promise.allSettled([
    import('./run-compare.ts'),
    import('./run-compare-rows.ts'),
    import('../format/yaml-foreign.ts'),
    import('../store/merge-trees.ts'),
    import('../store/merge-purged.ts'),
    import('../store/series-cache.ts'),
    import('../store/series-overview.ts'),
    loadPatchReader(),
    loadPatterns()
  ])
}
