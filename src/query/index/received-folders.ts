import { decodeName, decodeUtf8, encodeUtf8, formatHex } from '../../base/bytes.ts'
import type { WantedIndex } from '../../base/run-reader.ts'
import { pathOf } from '../../format/paths.ts'
import { NameSet } from '../../git/name-set.ts'
import type { GitObject, Oid } from '../../git/objects.ts'
import { FOLDER_MODE, findTreeEntry, isFolder, parseTree } from '../../git/tree.ts'
import { isRunId } from '../../model/identifier.ts'
import { RUN_RECORDS } from './indexed-records.ts'
import type { Place } from './refresh.ts'
import { OID_BYTES } from './run-names.ts'

/** So much of folders in which others lie is kept; those that come then are read at their places. */
const MAX_KEPT_BYTES = 32 << 20
/** With what the mode of a folder begins, and of nothing else. */
const FOLDER = FOLDER_MODE.charCodeAt(0)
const RECORD = encodeUtf8(RUN_RECORDS.file)
/** A commit begins with `tree ` and the name of its tree. */
const COMMIT_TREE = [5, 45] as const

/** The runs below a folder, as far as the folders came. */
export interface PlacedRuns {
  /** Their ids, in ascending order. */
  readonly runs: readonly string[]
  /** The numbers of their folders. */
  readonly numbers: readonly number[]
  /** The trees of the folders between that and those of the runs, by path. */
  readonly folders: { readonly [path: string]: Oid }
  /** Whether every folder came. */
  readonly isWhole: boolean
}

/** Folders that come without their places, by the names of their trees: those of runs, and all above them. */
export class ReceivedFolders {
  readonly #trees = new Map<Oid, GitObject>()
  readonly #commitTrees = new Map<Oid, Oid>()
  #keptBytes = 0
  /** The trees of folders of runs, and by their numbers the names of the records in them. */
  readonly #runTrees = new NameSet()
  #records = new Uint8Array(1024 * OID_BYTES)

  takeCommit(name: Uint8Array, bytes: Uint8Array): void {
    this.#commitTrees.set(formatHex(name), decodeUtf8(bytes.subarray(...COMMIT_TREE)))
  }

  /** Takes a tree. */
  takeTree(name: Uint8Array, bytes: Uint8Array): void {
    let hasFolder = false
    for (let at = 0; at < bytes.length; ) {
      hasFolder ||= bytes[at] === FOLDER
      const end = bytes.indexOf(0, at)
      // What is damaged is found by whoever reads it at its place.
      if (end < 0) return
      if (isRecord(bytes, at, end)) {
        this.#addRun(name, bytes.subarray(end + 1, end + 1 + OID_BYTES))
        return
      }
      at = end + 1 + OID_BYTES
    }
    // Of the others only those are looked through that lead to folders.
    if (!hasFolder || this.#keptBytes > MAX_KEPT_BYTES) return
    const oid = formatHex(name)
    this.#trees.set(oid, { oid, type: 'tree', bytes: bytes.slice() })
    this.#keptBytes += bytes.length
  }

  /** Lists the folders of runs that a commit leads to, with their experiments. */
  listWanted(commitOid: Oid): readonly WantedIndex[] {
    const root = this.#trees.get(this.#commitTrees.get(commitOid) ?? '')
    const top = root && findTreeEntry(root, 'experiments')
    return (this.#foldersIn(top?.oid) ?? []).flatMap(({ path: experiment, oid }) => {
      const folder = this.#trees.get(oid)
      const runs = folder && findTreeEntry(folder, 'runs')
      return runs === undefined ? [] : [{ experiment, treeOid: runs.oid }]
    })
  }

  /** Lists the runs below a folder; `undefined` if something there is out of place or order. */
  placedRuns(treeOid: Oid): PlacedRuns | undefined {
    const upper = this.#below([{ path: '', oid: treeOid }])
    const lower = this.#below(upper.places)
    let isWhole = upper.isWhole && lower.isWhole
    const runs: string[] = []
    const numbers: number[] = []
    for (const place of lower.places) {
      const bytes = this.#trees.get(place.oid)?.bytes
      if (bytes === undefined) isWhole = false
      // There are many: none is taken apart into more than its name.
      for (let at = 0; bytes !== undefined && at < bytes.length; at += 1 + OID_BYTES) {
        const start = at
        at = bytes.indexOf(0, at)
        if (at < 0) return undefined
        if (bytes[start] !== FOLDER) continue
        const run = decodeName(bytes, start + FOLDER_MODE.length + 1, at) ?? ''
        if (!isPlaceOf(run, place.path) || run <= (runs.at(-1) ?? '')) return undefined
        const number = this.#runTrees.find(bytes, at + 1)
        if (number < 0) isWhole = false
        else {
          runs.push(run)
          numbers.push(number)
        }
      }
    }
    const folders = [...upper.places, ...lower.places].map(({ path, oid }) => [path, oid])
    return { runs, numbers, folders: Object.fromEntries(folders), isWhole }
  }

  /** Copies the name of the tree of a run's folder. */
  copyTree(number: number, to: Uint8Array, at: number): void {
    const name = this.#runTrees.placeOf(number)
    to.set(name.bytes.subarray(name.at, name.at + OID_BYTES), at)
  }

  /** Returns the name of the record in a run's folder. */
  recordOf(number: number): Oid {
    return formatHex(this.#records, number * OID_BYTES, (number + 1) * OID_BYTES)
  }

  #addRun(name: Uint8Array, record: Uint8Array): void {
    const number = this.#runTrees.add(name, 0)
    if ((number + 1) * OID_BYTES > this.#records.length) {
      const larger = new Uint8Array(this.#records.length * 2)
      larger.set(this.#records)
      this.#records = larger
    }
    this.#records.set(record, number * OID_BYTES)
  }

  #below(places: readonly Place[]): {
    readonly places: readonly Place[]
    readonly isWhole: boolean
  } {
    const found = places.map(({ path, oid }) => {
      const before = path === '' ? '' : `${path}/`
      return this.#foldersIn(oid)?.map((each) => ({ ...each, path: before + each.path }))
    })
    return { places: found.flatMap((each) => each ?? []), isWhole: !found.includes(undefined) }
  }

  /** Lists the folders in a folder; `undefined` if it did not come. */
  #foldersIn(treeOid: Oid | undefined): readonly Place[] | undefined {
    const tree = this.#trees.get(treeOid ?? '')
    return (
      tree &&
      parseTree(tree)
        .filter(isFolder)
        .map(({ name, oid }) => ({ path: name, oid }))
    )
  }
}

/** Tells whether the entry between two places has the name of a record. */
function isRecord(bytes: Uint8Array, start: number, end: number): boolean {
  const from = end - RECORD.length
  if (from <= start || bytes[from - 1] !== 0x20) return false
  for (let at = 0; at < RECORD.length; at++) if (bytes[from + at] !== RECORD[at]) return false
  return true
}

/** Tells whether a run may lie in a folder. */
function isPlaceOf(run: string, path: string): boolean {
  const ending = `/${path}/${run}/${RUN_RECORDS.file}`
  return isRunId(run) && pathOf({ kind: 'run', experiment: '', run }).endsWith(ending)
}
