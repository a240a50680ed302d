import { readFileClock } from '../git/liveness.ts'
import {
  entriesFile,
  type JournalKey,
  type JournalOwner,
  journalFolder,
  journalsFolder,
  listJournals,
  ownerFile,
  readOwner
} from './journal-folder.ts'
import type { ProjectStore } from './project-store.ts'

/** A journal that somebody keeps, as it was when one looked. */
export interface SeenJournal extends JournalKey {
  /** `<experiment>/<run>/<writer>`. */
  readonly name: string
  /** The file of its entries, and how long that is; `undefined` as long as there is none. */
  readonly path: string
  readonly sizeBytes: number | undefined
  /** Whether its process joined a run that another one started. */
  readonly attached: boolean
  /** Whether its process is there; `undefined` if this machine can't tell. */
  readonly alive: boolean | undefined
  /** Milliseconds since the last sign of life, by the file system's clock; a second or two are not looked at. */
  readonly silentMs: number
}

/** What of a journal never changes, and how it was last seen. */
interface Known {
  readonly ownerPath: string
  readonly owner: JournalOwner
  /** Tells its process apart from others. */
  readonly process: string
  readonly seen: SeenJournal | undefined
}

/** A sign of life that is younger than this is enough: no other one is looked for. */
const FRESH_MS = 2000
/** For so long the clock of the file system is taken to go as this machine's does. */
const CLOCK_MS = 10_000

/** Looks at the journals of a project again and again; what can't have changed is not read again. */
export class JournalWatch {
  readonly #store: ProjectStore
  readonly #known = new Map<string, Known>()
  #clock: { readonly readMs: number; readonly aheadMs: number } | undefined

  constructor(store: ProjectStore) {
    this.#store = store
  }

  async look(
    within: { readonly experiment?: string; readonly run?: string } = {}
  ): Promise<readonly SeenJournal[]> {
    const keys = await listJournals(this.#store, within)
    const nowMs = keys.length === 0 ? 0 : await this.#now()
    const alive = new Map<string, boolean | undefined>()
    const found: SeenJournal[] = []
    const names = new Set<string>()
    for (const key of keys) {
      const name = `${key.experiment}/${key.run}/${key.writer}`
      const known = this.#known.get(name) ?? (await this.#open(key))
      if (known === undefined) continue
      const seen = await this.#see(known, { ...key, name }, nowMs, alive)
      if (seen === undefined) continue
      this.#known.set(name, { ...known, seen })
      names.add(name)
      found.push(seen)
    }
    if (within.experiment === undefined) {
      for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
    }
    return found
  }

  async #open(key: JournalKey): Promise<Known | undefined> {
    const folder = journalFolder(this.#store, key)
    const owner = await readOwner(this.#store.host.files, folder)
    if (owner === undefined) return undefined
    const ownerPath = ownerFile(folder)
    return { ownerPath, owner, process: JSON.stringify(owner.process), seen: undefined }
  }

  async #see(
    { ownerPath, owner, process, seen }: Known,
    key: JournalKey & { readonly name: string },
    nowMs: number,
    alive: Map<string, boolean | undefined>
  ): Promise<SeenJournal | undefined> {
    const { files, platform } = this.#store.host
    const path = seen?.path ?? entriesFile(journalFolder(this.#store, key))
    const entries = await files.stat(path)
    let modifiedMs = entries?.modifiedMs ?? 0
    const isFresh = nowMs - modifiedMs <= FRESH_MS
    if (!isFresh) {
      const stat = await files.stat(ownerPath)
      // The owner's file is the first that goes.
      if (stat === undefined) return undefined
      modifiedMs = Math.max(modifiedMs, stat.modifiedMs)
    }
    const sizeBytes = entries?.sizeBytes
    // Who wrote since the last look was there a moment ago; the next one tells if it died meanwhile.
    const isWriting = isFresh && seen?.alive === true && (sizeBytes ?? 0) > (seen.sizeBytes ?? 0)
    if (!isWriting && !alive.has(process)) {
      alive.set(process, platform.processes.isAlive(owner.process))
    }
    return {
      ...key,
      path,
      sizeBytes,
      attached: owner.attached,
      alive: isWriting || alive.get(process),
      silentMs: Math.max(0, nowMs - modifiedMs)
    }
  }

  async #now(): Promise<number> {
    const { files, platform } = this.#store.host
    const nowMs = platform.clock.now()
    const sinceMs = this.#clock === undefined ? CLOCK_MS : nowMs - this.#clock.readMs
    if (this.#clock === undefined || sinceMs < 0 || sinceMs >= CLOCK_MS) {
      const readMs = await readFileClock(files, platform, journalsFolder(this.#store)).catch(
        () => nowMs
      )
      this.#clock = { readMs: nowMs, aheadMs: readMs - nowMs }
    }
    return nowMs + this.#clock.aheadMs
  }
}
