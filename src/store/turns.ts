import { formatHex } from '../base/bytes.ts'
import { withinTime } from '../base/tasks.ts'
import type { Oid } from '../git/objects.ts'
import type { PushUpdate } from '../remote/push.ts'
import type { ProjectStore } from './project-store.ts'
import { remoteRefOf, trackingRef } from './ref-map.ts'
import type { RemoteSettings } from './remote-config.ts'
import type { RemoteLink } from './remote-link.ts'

/** A push that was overtaken this often asks for a turn. */
const PATIENCE = 4
/** How long a branch is left to one who asked for it; who takes longer may have died. */
const TURN_MS = 10_000
const LOOK_MS = 100
const END_MS = 3_000
const PREFIX = 'refs/runtree/turn/'

/**
 * Lines pushes up that others overtake again and again: those who have just pushed have nothing to merge, so
 * they are faster than those who have. Who was overtaken leaves `refs/runtree/turn/<branch>/<when>-<who>` at
 * the remote, which everybody sees who is about to push, and lets pass (docs/FORMAT.md, “Turns”).
 *
 * A remote that refuses such refs is pushed to without.
 */
export class Turns {
  readonly #store: ProjectStore
  readonly #remote: RemoteSettings
  readonly #name: string
  /** The turns that were asked for here, with what they hold. */
  readonly #own = new Map<string, Oid>()
  /** How long the turns of others were waited for, in milliseconds. */
  readonly #waited = new Map<string, number>()
  #overtaken = 0

  constructor(store: ProjectStore, remote: RemoteSettings) {
    this.#store = store
    this.#remote = remote
    const { clock, random } = store.host.platform
    this.#name = `${String(clock.now()).padStart(15, '0')}-${formatHex(random.bytes(5))}`
  }

  /**
   * Waits a moment if somebody else comes first with one of the branches; then the refs, which the remote
   * has just told, have to be asked for again.
   */
  async wait(
    link: RemoteLink,
    listed: ReadonlyMap<string, Oid>,
    branches: readonly string[]
  ): Promise<boolean> {
    const prefixes = await this.#contended(listed, branches)
    const before: string[] = []
    const dead: PushUpdate[] = []
    for (const [ref, expected] of listed) {
      const prefix = prefixes.find((each) => ref.startsWith(each))
      if (prefix === undefined || this.#own.has(ref)) continue
      const isLater = this.#own.has(prefix + this.#name) && ref > prefix + this.#name
      if (isLater) continue
      if ((this.#waited.get(ref) ?? 0) < TURN_MS) before.push(ref)
      else dead.push({ ref, expected, value: null })
    }
    if (dead.length > 0) await this.#change(link, dead)
    if (before.length === 0) return false
    const { random, timers } = this.#store.host.platform
    const ms = LOOK_MS * (1 + (random.bytes(1)[0] as number) / 255)
    await timers.sleep(ms)
    for (const ref of before) this.#waited.set(ref, (this.#waited.get(ref) ?? 0) + ms)
    return true
  }

  /** Notes that others were faster; after some times a turn is asked for. */
  async overtaken(link: RemoteLink, branches: readonly string[]): Promise<void> {
    this.#overtaken += 1
    if (this.#overtaken < PATIENCE || link.kind === 'bundle') return
    const wanted: PushUpdate[] = []
    for (const branch of branches.filter((each) => each.startsWith('refs/heads/'))) {
      // It is an object that the remote has had, and that is here.
      const value = await this.#store.repository.refs.read(trackingRef(this.#remote.name, branch))
      const ref = this.#prefix(branch) + this.#name
      if (value !== undefined) wanted.push({ ref, expected: null, value })
    }
    const taken = await this.#change(link, wanted)
    for (const { ref, value } of wanted) if (taken.has(ref)) this.#own.set(ref, value as Oid)
  }

  /** Lets the next ones pass, also when the push was stopped; that gets a moment alone. */
  async end(openLink: (signal: AbortSignal) => Promise<RemoteLink>): Promise<void> {
    if (this.#own.size === 0) return
    const updates = [...this.#own].map(([ref, expected]) => ({ ref, expected, value: null }))
    const { timers } = this.#store.host.platform
    // What is left there is taken for the turn of one who is gone.
    await withinTime(timers, END_MS, async (signal) => {
      const link = await openLink(signal)
      await this.#change(link, updates)
      await link.close()
    }).catch(() => undefined)
  }

  /** Returns what the turns of those branches begin with that are another there than here. */
  async #contended(
    listed: ReadonlyMap<string, Oid>,
    branches: readonly string[]
  ): Promise<readonly string[]> {
    if (![...listed.keys()].some((ref) => ref.startsWith(PREFIX))) return []
    const { refs } = this.#store.repository
    const found: string[] = []
    for (const branch of branches) {
      const there = listed.get(remoteRefOf(this.#remote.prefix, branch))
      if (there !== (await refs.read(branch))) found.push(this.#prefix(branch))
    }
    return found
  }

  #prefix(branch: string): string {
    return `${PREFIX}${remoteRefOf(this.#remote.prefix, branch).slice('refs/'.length)}/`
  }

  /** Changes turns; returns those that the remote took. What goes wrong only makes it less fair. */
  async #change(link: RemoteLink, updates: readonly PushUpdate[]): Promise<ReadonlySet<string>> {
    if (updates.length === 0) return new Set()
    const haves = updates.flatMap(({ value }) => value ?? [])
    const outcomes = await link.push(this.#store, updates, { haves }).catch(() => undefined)
    const taken = [...(outcomes ?? [])].filter(([, { status }]) => status === 'ok')
    return new Set(taken.map(([ref]) => ref))
  }
}
