import { isCoded } from '../base/errors.ts'
import { readCommit } from '../git/commit.ts'
import { runMaintenance } from '../git/maintenance-lock.ts'
import type { Oid } from '../git/objects.ts'
import { storeErrors } from './errors.ts'
import type { ExchangeOptions } from './exchange.ts'
import type { ProjectStore } from './project-store.ts'
import { recoverRuns } from './recovery.ts'
import { type Finding, problemOf, type VerifyNote, type VerifyProblem } from './verify-finding.ts'
import { checkJournals, mendJournal } from './verify-journals.ts'
import { clearObjects, fetchMissing, moveAside } from './verify-mend.ts'
import { mendRecords, mendReference } from './verify-mend-records.ts'
import {
  type CheckOptions,
  checkAlternates,
  checkLoose,
  checkPacks,
  checkReached,
  openUncached
} from './verify-objects.ts'
import { mendOverviews } from './verify-overviews.ts'
import { checkBranch } from './verify-records.ts'
import { checkRefs, mendRef } from './verify-refs.ts'
import { checkContent, checkDerived, checkLeftovers, checkSynced } from './verify-rest.ts'
import { salvageAside } from './verify-salvage.ts'

export type { VerifyNote, VerifyProblem, VerifyRepair } from './verify-finding.ts'

/** What verifying told of a project. */
export interface VerifiedProject {
  readonly objects: number
  readonly records: number
  readonly problems: readonly VerifyProblem[]
  readonly notes: readonly VerifyNote[]
}

/** How a project is verified. */
export interface VerifyOptions extends CheckOptions, Omit<ExchangeOptions, 'onProgress'> {
  /** Mends what can be mended; nothing that is damaged is removed. Default: false. */
  readonly repair?: boolean
  /** Finds files made from the history that are damaged or wrong, besides those known here. Default: none. */
  readonly findDerived?: () => Promise<readonly string[]>
}

/** How long a repair waits for a collection of garbage that is under way. */
const MAINTENANCE_WAIT_MS = 60_000

interface Survey {
  readonly objects: ReadonlySet<Oid>
  readonly records: number
  readonly findings: readonly Finding[]
  readonly notes: readonly Omit<VerifyNote, 'project'>[]
}

/**
 * Reads everything that the project's refs reach, and checks each object against its name, packs and refs
 * as files, each record of a branch's head against its schema, each part, the references between objects,
 * what is made from the history, journals, and content beside the history.
 *
 * With `repair` it mends what can be mended and checks again: `isMended` says of each problem whether it
 * is gone. Others may read and write meanwhile.
 */
export async function verifyProject(
  store: ProjectStore,
  options: VerifyOptions = {}
): Promise<VerifiedProject> {
  const found = await survey(store, options)
  const tell = ({ findings }: Survey): VerifyProblem[] =>
    findings.map((finding) => problemOf(store.slug, finding))
  let [last, problems] = [found, tell(found)]
  const isSound = found.findings.length === 0 && !found.notes.some(({ repair }) => repair)
  if (options.repair && !isSound) {
    const failures = await mend(store, found, options)
    last = await survey(store, options)
    const name = ({ where, code }: VerifyProblem): string => `${code} ${where}`
    const left = new Map(tell(last).map((problem) => [name(problem), problem]))
    problems = problems.map((problem) => ({ ...problem, isMended: !left.delete(name(problem)) }))
    const more = [...left.values(), ...failures].map((each) => ({ ...each, isMended: false }))
    problems = [...problems, ...more]
  }
  const notes = last.notes.map((note) => ({ project: store.slug, ...note }))
  return { objects: last.objects.size, records: last.records, problems, notes }
}

async function survey(store: ProjectStore, options: VerifyOptions): Promise<Survey> {
  const { repository } = store
  const findings: Finding[] = []
  const notes: Omit<VerifyNote, 'project'>[] = []
  const report = (finding: Finding): void => void findings.push(finding)
  const note = (each: Omit<VerifyNote, 'project'>): void => void notes.push(each)
  const objects = openUncached(repository)
  await checkAlternates(repository, report)
  await checkRefs(store, report)
  await checkPacks(repository, options, report)
  await checkLoose(repository, options, report)
  const reached = await checkReached(repository, objects, options, report)
  dropUnneeded(findings, repository.promised.isPartial)
  let records = 0
  for (const [ref, commitOid] of await repository.refs.list('refs/heads/')) {
    try {
      const { tree: treeOid } = await readCommit(objects, commitOid)
      const check = { ...options, ref, report, note }
      records += await checkBranch(store, objects, { commitOid, treeOid }, check)
    } catch (error) {
      // What is wrong with its commit was told of when it was read.
      if (!isCoded(error) || !error.code.startsWith('GIT_OBJECT_')) {
        options.signal?.throwIfAborted()
        report({ what: 'other', where: ref, error })
      }
    }
  }
  await checkDerived(store, objects, report)
  for (const path of (await options.findDerived?.().catch(() => [])) ?? []) {
    const error = storeErrors.create('STORE_CACHE_DAMAGED', { path })
    report({ what: 'derived', path, where: path, error })
  }
  await checkContent(store, options, report)
  await checkJournals(store, report, note)
  const packs = findings.flatMap((finding) => (finding.what === 'pack' ? [finding.path] : []))
  await checkLeftovers(store, packs, note)
  await checkSynced(store, note)
  return { objects: reached, records, findings, notes }
}

/**
 * Takes packs out that nobody finds and nobody misses: a process that is killed while it puts a pack in its
 * place, or removes one, leaves it without an index. In a partial clone nobody can tell what is missed.
 */
function dropUnneeded(findings: Finding[], isPartial: boolean): void {
  if (isPartial || findings.some(({ what }) => what === 'object' || what === 'ref')) return
  const left = findings.filter(
    (finding) => finding.what !== 'pack' || !finding.isWhole || !finding.isUnseen
  )
  findings.splice(0, findings.length, ...left)
}

/** Mends what was found, from the ground up; returns which remotes could not be asked. */
async function mend(
  store: ProjectStore,
  { findings, notes }: Survey,
  options: VerifyOptions
): Promise<readonly VerifyProblem[]> {
  const of = <W extends Finding['what']>(what: W) =>
    findings.filter((finding): finding is Extract<Finding, { what: W }> => finding.what === what)
  await runMaintenance(store.repository, MAINTENANCE_WAIT_MS, () => clearObjects(store, findings))
  const failures = await mendReached(store, of('ref'), options)
  const records = of('record')
  for (const ref of new Set(records.map((finding) => finding.ref))) {
    const paths = records.filter((finding) => finding.ref === ref).map(({ path }) => path)
    await mendRecords(store, ref, paths)
  }
  for (const { ref, key } of of('reference')) await mendReference(store, ref, key)
  const overviews = of('overview')
  for (const ref of new Set(overviews.map((finding) => finding.ref))) {
    const paths = overviews.filter((finding) => finding.ref === ref).map(({ path }) => path)
    await mendOverviews(store, ref, paths)
  }
  const { fs } = store.repository.storage
  for (const { path } of of('derived')) await fs.remove(path)
  for (const { path } of of('content')) await moveAside(store, path)
  for (const { folder } of of('journal')) await mendJournal(store, folder)
  await recoverRuns(store)
  for (const { where, repair } of notes) if (repair === 'remove') await fs.remove(where)
  return failures
}

/** Brings what is missing, then mends refs that lead nowhere still. */
async function mendReached(
  store: ProjectStore,
  damagedRefs: readonly Extract<Finding, { what: 'ref' }>[],
  options: VerifyOptions
): Promise<readonly VerifyProblem[]> {
  const { repository } = store
  const failures = new Map<string, VerifyProblem>()
  const onFailure = (remote: string, error: unknown): void => {
    if (!isCoded(error)) throw error
    failures.set(remote, problemOf(store.slug, { what: 'other', where: remote, error }))
  }
  for (;;) {
    const objects = openUncached(repository)
    const lost = new Set<Oid>()
    const reached = await checkReached(repository, objects, options, (finding) => {
      if (finding.what === 'object') lost.add(finding.oid)
    })
    const { onProgress: _, ...exchange } = options
    // A damaged ref and a partial clone don't tell what is missing.
    const mayLack = lost.size > 0 || damagedRefs.length > 0 || repository.promised.isPartial
    if (mayLack && (await salvageAside(store))) continue
    if (lost.size > 0 && (await fetchMissing(store, [...lost], exchange, onFailure))) continue
    for (const { ref } of damagedRefs) await mendRef(store, objects, ref, reached)
    for (const [ref, oid] of await repository.refs.list('refs/')) {
      if (lost.has(oid)) await mendRef(store, objects, ref, reached)
    }
    return [...failures.values()]
  }
}
