import { formatHex } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { areConnected } from '../git/connectivity.ts'
import type { ObjectStore } from '../git/object-store.ts'
import { type ReachedObject, walkNewObjects } from '../git/object-walk.ts'
import type { Oid } from '../git/objects.ts'
import { buildPack } from '../git/pack-build.ts'
import type { Advertisement } from './advertisement.ts'
import {
  type BundleHeader,
  formatBundleHeader,
  readBundleHeader,
  readBundlePack
} from './bundle.ts'
import { remoteErrors } from './errors.ts'
import { isRefused } from './git-failure.ts'
import type { PackRequest, PushAnswer, PushRequest, Remote } from './remote.ts'

const CAPABILITIES = new Map(['atomic', 'delete-refs', 'report-status'].map((name) => [name, '']))
const MAIN = 'refs/heads/main'

/** A bundle file as a remote: a push writes it anew with all that its refs reach. */
export class BundleRemote implements Remote {
  readonly url: string
  readonly kind = 'bundle'
  readonly #fs: FileSystem
  readonly #platform: Platform
  readonly #path: string
  /** The objects here, which a bundle is checked against and made of. */
  readonly #objects: ObjectStore
  #header: BundleHeader | undefined

  constructor(
    fs: FileSystem,
    platform: Platform,
    bundle: { readonly url: string; readonly path: string; readonly objects: ObjectStore }
  ) {
    this.#fs = fs
    this.#platform = platform
    this.url = bundle.url
    this.#path = bundle.path
    this.#objects = bundle.objects
  }

  async list(service: 'fetch' | 'push'): Promise<Advertisement> {
    this.#header = await this.#guard('read', () => this.#read(service === 'push'))
    const { refs, head } = this.#header
    return { refs, capabilities: CAPABILITIES, head, haves: [] }
  }

  /** Gives all that the bundle holds: it was packed before anyone could say what they have. */
  async *fetchPack({ isByName }: PackRequest): AsyncGenerator<Uint8Array> {
    if (isByName) await this.list('fetch')
    const header = this.#listed()
    let missing: Oid[] = []
    for (const oid of header.prerequisites) {
      if (!(await this.#objects.has(oid))) missing.push(oid)
    }
    const { prerequisites } = header
    if (missing.length === 0 && !(await areConnected(this.#objects, prerequisites, []))) {
      missing = [...prerequisites]
    }
    if (missing.length > 0) {
      throw remoteErrors.create('REMOTE_BUNDLE_NEEDS', { url: this.url, oids: missing })
    }
    yield* readBundlePack(this.#fs, this.#path, header)
  }

  async canLeaveOut(): Promise<boolean> {
    return false
  }

  async push({ commands }: PushRequest): Promise<PushAnswer> {
    const lock = `${this.#path}.lock`
    const taken = await this.#guard('write', () => this.#fs.create(lock, new Uint8Array()))
    if (!taken) return answerAll(commands, `${lock} says that another program is writing it`)
    try {
      const refs = new Map((await this.#read(true)).refs)
      for (const { ref, expected, value } of commands) {
        if ((refs.get(ref) ?? null) !== expected) return answerAll(commands, 'it moved meanwhile')
        if (value === null) refs.delete(ref)
        else refs.set(ref, value)
      }
      if (!(await areConnected(this.#objects, [...refs.values()], []))) {
        return answerAll(commands, 'it has commits that are not here; fetch them first')
      }
      await this.#write(refs)
      return answerAll(commands, undefined)
    } finally {
      await this.#fs.remove(lock)
    }
  }

  async close(): Promise<void> {}

  async #read(mayBeAbsent: boolean): Promise<BundleHeader> {
    if (mayBeAbsent && (await this.#fs.stat(this.#path)) === undefined) {
      return { refs: new Map(), head: undefined, prerequisites: [], packOffset: 0 }
    }
    return readBundleHeader(this.#fs, this.#path, this.url)
  }

  async #write(refs: ReadonlyMap<string, Oid>): Promise<void> {
    const sorted = new Map([...refs].sort(([a], [b]) => (a < b ? -1 : 1)))
    const plan: ReachedObject[] = []
    const walk = walkNewObjects(this.#objects, sorted.values(), [], { isWhole: true })
    for await (const item of walk) plan.push(item)
    const temporary = `${this.#path}.${formatHex(this.#platform.random.bytes(5))}.new`
    try {
      const output = await this.#fs.openAppend(temporary)
      try {
        output.append(formatBundleHeader(sorted, sorted.has(MAIN) ? MAIN : firstBranch(sorted)))
        const options = { offsets: true }
        for await (const chunk of buildPack(this.#objects, plan, this.#platform, options)) {
          output.append(chunk)
        }
        await output.sync()
      } finally {
        await output.close()
      }
      await this.#fs.rename(temporary, this.#path)
    } catch (error) {
      await this.#fs.remove(temporary)
      throw error
    }
  }

  #listed(): BundleHeader {
    if (this.#header === undefined) throw new TypeError(`${this.url} was not listed before`)
    return this.#header
  }

  async #guard<T>(action: 'read' | 'write', body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      const data = { url: this.url, action, detail: 'the rights of the file do not allow it' }
      throw isRefused(error) ? remoteErrors.create('REMOTE_FORBIDDEN', data, error) : error
    }
  }
}

function firstBranch(refs: ReadonlyMap<string, Oid>): string {
  return [...refs.keys()].find((ref) => ref.startsWith('refs/heads/')) ?? ''
}

function answerAll(commands: PushRequest['commands'], reason: string | undefined): PushAnswer {
  return new Map(commands.map(({ ref }) => [ref, reason]))
}
