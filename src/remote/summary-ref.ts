import { isOid, type Oid } from '../git/objects.ts'

/**
 * Summaries lie at `refs/runtree/summary/<branch>/<commit>`: a blob that is a pack of the commit, its trees
 * and its records (docs/FORMAT.md, “Summaries of branches”).
 */
const PREFIX = 'refs/runtree/summary/'

/** A summary that somebody left for a branch. */
export interface SummaryRef {
  readonly ref: string
  /** The tip of the branch when it was made. */
  readonly commit: Oid
  readonly blob: Oid
}

/** Returns the name of the summary of a branch whose tip is a commit. */
export function summaryRefOf(branch: string, commit: Oid): string {
  return `${PREFIX}${branch.slice('refs/'.length)}/${commit}`
}

/** Lists the summaries of a branch. */
export function listSummaries(
  refs: ReadonlyMap<string, Oid>,
  branch: string
): readonly SummaryRef[] {
  const prefix = `${PREFIX}${branch.slice('refs/'.length)}/`
  const found: SummaryRef[] = []
  for (const [ref, blob] of refs) {
    const commit = ref.startsWith(prefix) ? ref.slice(prefix.length) : ''
    if (isOid(commit)) found.push({ ref, commit, blob })
  }
  return found
}

/** Finds the summary for a commit that a branch holds, or of an earlier state of that branch. */
export function findSummary(refs: ReadonlyMap<string, Oid>, commit: Oid): SummaryRef | undefined {
  const found: SummaryRef[] = []
  for (const [ref, oid] of refs) {
    if (oid === commit && !ref.startsWith(PREFIX)) found.push(...listSummaries(refs, ref))
  }
  return found.find((summary) => summary.commit === commit) ?? found[0]
}
