import type { Hash } from '../base/platform.ts'
import { keyOfPath, partOf } from '../format/paths.ts'
import type { ObjectReader } from '../git/object-store.ts'
import { createObject, type NewObject, type Oid } from '../git/objects.ts'
import { FOLDER_MODE, isFolder, type TreeTarget } from '../git/tree.ts'
import { type ArtifactChoice, createArtifactChooser } from './merge-artifacts.ts'
import {
  isSame,
  isUnchanged,
  type MergeConflict,
  MergeContext,
  type MergeInput,
  type Sides
} from './merge-context.ts'
import { ExecutionGuard } from './merge-executions.ts'
import { mergePartFiles, mergePlainFiles, mergeRecordFiles, readRecord } from './merge-files.ts'
import { isAtOrBelow, objectAt } from './merge-place.ts'
import { dropPurged, NOTHING_PURGED, type PurgedPaths, readPurged } from './merge-purged.ts'
import { finishResult, finishRun } from './merge-summaries.ts'

export type { MergeConflict, MergeInput } from './merge-context.ts'

/** A merged tree. */
export interface MergedTree {
  readonly treeOid: Oid
  /** Objects to be stored for it. */
  readonly created: readonly NewObject[]
  readonly conflicts: readonly MergeConflict[]
}

/** What holds for everything below a folder. */
interface Scope {
  readonly purged: PurgedPaths
  readonly executions: ExecutionGuard | undefined
  readonly artifact: ((path: string) => ArtifactChoice) | undefined
}

/**
 * Merges two trees of a project (docs/FORMAT.md, “Merging”); the order of the sides does not matter.
 *
 * What both sides have alike is not opened, so the cost is that of what differs.
 *
 * @throws STORE_MERGE_TOO_NEW, GIT_OBJECT_MISSING
 */
export async function mergeTrees(
  objects: Pick<ObjectReader, 'read'>,
  hash: Hash,
  input: MergeInput
): Promise<MergedTree> {
  const context = new MergeContext(objects, hash, input)
  const root = (oid: Oid): TreeTarget => ({ mode: FOLDER_MODE, oid })
  const sides = {
    ours: root(input.ours),
    theirs: root(input.theirs),
    bases: input.bases.map(root)
  }
  const merge = new TreeMerge(context)
  const scope = { purged: NOTHING_PURGED, executions: undefined, artifact: undefined }
  const merged = isSame(sides.ours, sides.theirs)
    ? sides.ours
    : await merge.folder('', sides, scope)
  const { conflicts } = context
  if (merged !== undefined) {
    return { treeOid: merged.oid, created: context.reachableFrom(merged.oid), conflicts }
  }
  const empty = createObject(hash, 'tree', new Uint8Array())
  return { treeOid: empty.oid, created: [empty], conflicts }
}

class TreeMerge {
  readonly #context: MergeContext

  constructor(context: MergeContext) {
    this.#context = context
  }

  /** Merges what lies at a path; `undefined` if nothing stays. */
  async entry(path: string, found: Sides, scope: Scope): Promise<TreeTarget | undefined> {
    const sides = dropPurged(path, found, scope.purged)
    const { ours, theirs } = sides
    if (isSame(ours, theirs)) return ours
    const folders = onlyFolders(sides)
    const files = onlyFiles(sides)
    if (folders.ours === undefined && folders.theirs === undefined) {
      return this.#file(path, files, scope)
    }
    const folder = await this.#folderEntry(path, folders, scope)
    if (files.ours === undefined && files.theirs === undefined) return folder
    const file = await this.#file(path, files, scope)
    if (folder === undefined || file === undefined) return folder ?? file
    this.#context.conflicts.push({ path })
    return folder
  }

  async #folderEntry(path: string, sides: Sides, scope: Scope): Promise<TreeTarget | undefined> {
    const { ours, theirs } = sides
    const isObject = objectAt(path) !== undefined
    if (isObject && (ours === undefined || theirs === undefined)) {
      return this.#oneSided(path, sides, scope)
    }
    if (!this.#mustDescend(path, scope)) {
      const taken = takeWhole(sides)
      if (taken !== undefined) {
        scope.executions?.addRuns(path, taken.target, sides)
        return taken.target
      }
    }
    return this.folder(path, sides, scope)
  }

  /** Some folders hold what other folders decide about, so that each name in them is looked at. */
  #mustDescend(path: string, scope: Scope): boolean {
    return (
      scope.artifact !== undefined ||
      scope.executions?.holds(path) === true ||
      scope.purged.all.some((purged) => isAtOrBelow(purged, path))
    )
  }

  /** Decides about an object or file that one side has and the other lacks. */
  async #oneSided(path: string, sides: Sides, scope: Scope): Promise<TreeTarget | undefined> {
    const target = (sides.ours ?? sides.theirs) as TreeTarget
    const lives = await this.#context.lives(path, target, sides)
    if (!lives) {
      scope.executions?.addRemoved(path, target)
      return undefined
    }
    scope.executions?.addRuns(path, target, sides)
    return target
  }

  /** Merges a folder name by name; `undefined` if nothing stays in it. */
  async folder(path: string, sides: Sides, scope: Scope): Promise<TreeTarget | undefined> {
    const key = objectAt(path)
    const inner = await this.#scopeOf(path, key?.kind, sides, scope)
    const [ours, theirs] = [
      await this.#context.readEntries(sides.ours),
      await this.#context.readEntries(sides.theirs)
    ]
    const bases = []
    for (const base of sides.bases) bases.push(await this.#context.readEntries(base))
    const entries = new Map<string, TreeTarget>()
    for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
      const below = path === '' ? name : `${path}/${name}`
      const found = {
        ours: ours.get(name),
        theirs: theirs.get(name),
        bases: bases.map((base) => base.get(name))
      }
      const entry = await this.entry(below, found, inner)
      if (entry !== undefined) entries.set(name, entry)
    }
    if (key?.kind === 'run') await finishRun(this.#context, path, sides, entries)
    if (key?.kind === 'result') await finishResult(this.#context, path, sides, entries)
    if (key?.kind === 'run') scope.executions?.addRun(path, entries.get('run.yaml'))
    if (key?.kind === 'experiment') await inner.executions?.revive(entries)
    return this.#context.writeFolder(entries)
  }

  async #scopeOf(
    path: string,
    kind: string | undefined,
    sides: Sides,
    scope: Scope
  ): Promise<Scope> {
    if (kind === 'experiment') {
      const purged = await readPurged(this.#context, path, sides)
      return { ...scope, purged, executions: new ExecutionGuard(this.#context, path) }
    }
    if (kind !== 'run') return scope
    const file = 'run.yaml'
    const runs = {
      ours: await this.#context.find(sides.ours, file),
      theirs: await this.#context.find(sides.theirs, file),
      bases: await Promise.all(sides.bases.map((base) => this.#context.find(base, file)))
    }
    if (isSame(runs.ours, runs.theirs)) return scope
    const options = { tolerant: true }
    const runPath = `${path}/${file}`
    const [one, other] = [
      await readRecord(this.#context, 'run', runPath, runs.ours, options),
      await readRecord(this.#context, 'run', runPath, runs.theirs, options)
    ]
    if (one === undefined || other === undefined) return scope
    const decided = isUnchanged(runs.ours, runs) ? 'theirs' : undefined
    const taken = isUnchanged(runs.theirs, runs) ? 'ours' : decided
    return { ...scope, artifact: createArtifactChooser(one, other, taken) }
  }

  async #file(path: string, sides: Sides, scope: Scope): Promise<TreeTarget | undefined> {
    const choice = scope.artifact?.(path) ?? 'any'
    if (choice === 'none') return undefined
    if (choice !== 'any' && sides[choice] !== undefined) return sides[choice]
    if (sides.ours === undefined && sides.theirs === undefined) return undefined
    if (isSame(sides.ours, sides.theirs)) return sides.ours
    if (sides.ours === undefined || sides.theirs === undefined) {
      return this.#oneSided(path, sides, scope)
    }
    const key = keyOfPath(path)
    if (key !== undefined) {
      const merged = await mergeRecordFiles(this.#context, key.kind, path, sides)
      return 'target' in merged ? merged.target : this.#context.writeRecord(key.kind, merged.record)
    }
    const part = partOf(path)?.part
    const grows = part === 'series' || part === 'rows' || part === 'log'
    return grows ? mergePartFiles(this.#context, sides) : mergePlainFiles(this.#context, sides)
  }
}

/** Returns what a folder becomes if the sides need not be compared name by name. */
function takeWhole(sides: Sides): { target: TreeTarget | undefined } | undefined {
  const { ours, theirs } = sides
  if (isUnchanged(ours, sides)) return { target: theirs }
  if (isUnchanged(theirs, sides)) return { target: ours }
  const isNew = sides.bases.every((base) => base === undefined)
  if (isNew && (ours === undefined || theirs === undefined)) return { target: ours ?? theirs }
  return undefined
}

function onlyFolders(sides: Sides): Sides {
  return filterSides(sides, isFolder)
}

function onlyFiles(sides: Sides): Sides {
  return filterSides(sides, (target) => !isFolder(target))
}

function filterSides(sides: Sides, accept: (target: TreeTarget) => boolean): Sides {
  const keep = (target: TreeTarget | undefined): TreeTarget | undefined =>
    target !== undefined && accept(target) ? target : undefined
  return { ours: keep(sides.ours), theirs: keep(sides.theirs), bases: sides.bases.map(keep) }
}
