import { encodeUtf8, formatHex, parseHex } from '../base/bytes.ts'
import { EntryScan } from './entry-scan.ts'
import type { Oid } from './objects.ts'
import { Pace } from './pace.ts'
import type { PackFile } from './pack-read.ts'
import { PACK_TYPES } from './pack-write.ts'
import type { RepositoryStorage } from './repository.ts'
import { SealedPack } from './sealed-pack.ts'

const NAME = 20
const FOLDER = 0o40000
/** Others in this process get their turn after so many commits, which is every 50 ms or so. */
const STRETCH = 4096

/** What lies at a path of a commit: the folders on the way, from the root on, and what is at its end. */
class PathState {
  /** Modes as they are written, in octal; 0 where there is nothing. */
  readonly modes: Int32Array
  readonly names: Uint8Array

  constructor(levels: number) {
    this.modes = new Int32Array(levels)
    this.names = new Uint8Array(levels * NAME)
  }

  isSame(other: PathState, level: number): boolean {
    return (
      this.modes[level] === other.modes[level] &&
      isSameName(this.names, level * NAME, other.names, level * NAME)
    )
  }

  /** Takes what another has from a level on. */
  take(other: PathState, level: number): void {
    this.modes.set(other.modes.subarray(level), level)
    this.names.set(other.names.subarray(level * NAME), level * NAME)
  }

  set(level: number, mode: number, bytes: Uint8Array, at: number): void {
    this.modes[level] = mode
    for (let i = 0; i < NAME; i++) this.names[level * NAME + i] = bytes[at + i] as number
  }

  clear(level: number): void {
    this.modes[level] = 0
    this.names.fill(0, level * NAME, (level + 1) * NAME)
  }
}

/** What of a commit matters: its tree, and its parent if it has one alone. */
class CommitState {
  readonly name = new Uint8Array(NAME)
  readonly tree = new Uint8Array(NAME)
  readonly parent = new Uint8Array(NAME)
  hasOneParent = false
}

/**
 * Follows lines of commits with one parent each, in packs, as long as a path stays the same: some microseconds
 * a commit. It never tells that a commit changed something, only that some certainly did not; who asks looks
 * at the others. For a history that is whole: it knows no edge.
 */
export class LineSkip {
  readonly #storage: Pick<RepositoryStorage, 'fs' | 'platform' | 'folders'>
  readonly #path: readonly Uint8Array[]
  readonly #scans = new Map<PackFile, EntryScan | undefined>()
  #order: EntryScan[] = []
  #commit = new CommitState()
  #next = new CommitState()
  #state: PathState
  #nextState: PathState
  /** Brings what the last step lacked, if it can be brought; resolves to `false` if it couldn't. */
  #fetch: (() => Promise<boolean>) | undefined

  constructor(storage: Pick<RepositoryStorage, 'fs' | 'platform' | 'folders'>, path: string) {
    this.#storage = storage
    this.#path = path.split('/').map(encodeUtf8)
    this.#state = new PathState(this.#path.length + 1)
    this.#nextState = new PathState(this.#path.length + 1)
  }

  /**
   * Returns the commit to look at instead of one: that is itself, or lies before it on its line, and those between
   * have the path as their parents have it. It stops at what `isKnown` knows by the 20 bytes at its beginning.
   */
  async skip(commitOid: Oid, isKnown: (name: Uint8Array) => boolean): Promise<Oid> {
    const pace = new Pace(this.#storage.platform.timers, undefined, STRETCH)
    this.#commit.name.set(parseHex(commitOid))
    if (!(await this.#run(() => this.#begin()))) return commitOid
    while (this.#commit.hasOneParent) {
      this.#next.name.set(this.#commit.parent)
      if (!this.#goOn() && !(await this.#run(() => this.#goOn()))) break
      this.#advance()
      if (isKnown(this.#commit.name)) break
      await pace.work(1)
    }
    return formatHex(this.#commit.name)
  }

  /** Does a step, and brings what it needs until it is done; `false` if it can't be. */
  async #run(step: () => boolean): Promise<boolean> {
    for (let tries = 0; tries < 64; tries++) {
      this.#fetch = undefined
      if (step()) return true
      const fetch = this.#fetch as (() => Promise<boolean>) | undefined
      if (fetch === undefined || !(await fetch())) return false
    }
    return false
  }

  #advance(): void {
    const [commit, state] = [this.#commit, this.#state]
    this.#commit = this.#next
    this.#next = commit
    this.#state = this.#nextState
    this.#nextState = state
  }

  #begin(): boolean {
    if (!this.#readCommit(this.#commit)) return false
    this.#state.set(0, FOLDER, this.#commit.tree, 0)
    for (let level = 0; level < this.#path.length; level++) {
      if (!this.#descend(this.#state, level)) return false
    }
    return true
  }

  /** Reads the next commit; `false` if it isn't certain that it has at the path what the one before has. */
  #goOn(): boolean {
    const [state, next] = [this.#state, this.#nextState]
    if (!this.#readCommit(this.#next)) return false
    next.set(0, FOLDER, this.#next.tree, 0)
    for (let level = 0; level < this.#path.length; level++) {
      if (next.isSame(state, level)) {
        next.take(state, level + 1)
        return true
      }
      if (!this.#descend(next, level)) return false
    }
    return next.isSame(state, this.#path.length)
  }

  /** Finds what lies below the folder of a level. */
  #descend(state: PathState, level: number): boolean {
    if (state.modes[level] !== FOLDER) {
      state.clear(level + 1)
      return true
    }
    const scan = this.#read(state.names, level * NAME)
    if (scan?.found.kind !== PACK_TYPES.tree) return false
    const { bytes, start, end } = scan.found
    const wanted = this.#path[level] as Uint8Array
    for (let at = start; at < end; ) {
      let mode = 0
      for (; bytes[at] !== 0x20 && at < end; at++) mode = mode * 8 + (bytes[at] as number) - 0x30
      const first = ++at
      while (bytes[at] !== 0 && at < end) at++
      if (at + NAME + 1 > end) return false
      if (at - first === wanted.length && startsWith(bytes, first, wanted)) {
        state.set(level + 1, mode, bytes, at + 1)
        return true
      }
      at += NAME + 1
    }
    state.clear(level + 1)
    return true
  }

  #readCommit(commit: CommitState): boolean {
    const scan = this.#read(commit.name, 0)
    if (scan?.found.kind !== PACK_TYPES.commit) return false
    const { bytes, start, end } = scan.found
    let at = takeOid(bytes, start, end, TREE, commit.tree)
    if (at < 0) return false
    const afterFirst = takeOid(bytes, at, end, PARENT, commit.parent)
    if (afterFirst >= 0) at = afterFirst
    commit.hasOneParent = afterFirst >= 0 && at < end && startsWith(bytes, at, AUTHOR)
    return true
  }

  /** Reads an object by the name that lies at `at`. */
  #read(names: Uint8Array, at: number): EntryScan | undefined {
    const order = this.#order
    for (let n = 0; n < order.length; n++) {
      const scan = order[n] as EntryScan
      const position = scan.pack.index.findName(names, at)
      if (position < 0) continue
      if (n > 0) {
        order.splice(n, 1)
        order.unshift(scan)
      }
      if (scan.read(scan.pack.index.offsetAt(position))) return scan
      const { needed } = scan
      this.#fetch = needed < 0 ? undefined : () => scan.pack.load(needed)
      return undefined
    }
    const oid = formatHex(names, at, at + NAME)
    this.#fetch = () => this.#open(oid)
    return undefined
  }

  /** Opens the pack that has an object; `false` if that was done before. */
  async #open(oid: Oid): Promise<boolean> {
    const { fs, platform, folders } = this.#storage
    const pack = folders.find(oid)?.pack
    if (pack === undefined || this.#scans.has(pack)) return false
    const sealed = await SealedPack.open({ fs, hash: platform.hash }, pack)
    const scan = sealed && new EntryScan(sealed, platform.zlib)
    this.#scans.set(pack, scan)
    if (scan !== undefined) this.#order.unshift(scan)
    return scan !== undefined
  }
}

const [TREE, PARENT, AUTHOR] = ['tree ', 'parent ', 'author '].map(encodeUtf8) as Three
type Three = [Uint8Array, Uint8Array, Uint8Array]

/** Reads a line of a name and an oid; returns where it ends, -1 if there is none. */
function takeOid(
  bytes: Uint8Array,
  start: number,
  end: number,
  label: Uint8Array,
  to: Uint8Array
): number {
  const first = start + label.length
  if (first + 41 > end || bytes[first + 40] !== 0x0a || !startsWith(bytes, start, label)) return -1
  for (let i = 0; i < NAME; i++) {
    const high = DIGITS[bytes[first + 2 * i] as number] as number
    const low = DIGITS[bytes[first + 2 * i + 1] as number] as number
    if ((high | low) > 15) return -1
    to[i] = (high << 4) | low
  }
  return first + 41
}

/** What a byte stands for as a lower-case hexadecimal digit; 16 if it is none. */
const DIGITS = new Uint8Array(256).fill(16)
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit

function startsWith(bytes: Uint8Array, at: number, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (bytes[at + i] !== start[i]) return false
  return true
}

function isSameName(a: Uint8Array, at: number, b: Uint8Array, bt: number): boolean {
  for (let i = 0; i < NAME; i++) if (a[at + i] !== b[bt + i]) return false
  return true
}
