import { decodeUtf8, formatHex } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { isOn } from '../git/config.ts'
import { checkConnected } from '../git/connectivity.ts'
import { consolidate, hasManyPacks } from '../git/consolidate.ts'
import { gitErrors } from '../git/errors.ts'
import { walkNewObjects } from '../git/object-walk.ts'
import type { Oid } from '../git/objects.ts'
import { buildPack } from '../git/pack-build.ts'
import { type ReceivedPack, receivePack } from '../git/pack-receive.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import { sharedFiles } from '../git/shared-files.ts'
import type { Advertisement } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import { changeRefs } from './folder-refs.ts'
import { explainGitFailure, isRefused } from './git-failure.ts'
import type { PackRequest, PushAnswer, PushRequest, Remote } from './remote.ts'

const CAPABILITIES = new Map(
  ['atomic', 'delete-refs', 'ofs-delta', 'report-status'].map((name) => [name, ''])
)

/**
 * A repository in a folder of this machine or of a network drive.
 *
 * It is read and written by this program alone: no git program runs there, and so none of its hooks,
 * and it does not matter whose folder it is.
 */
export class FolderRemote implements Remote {
  readonly url: string
  readonly kind = 'folder'
  readonly #fs: FileSystem
  readonly #platform: Platform
  readonly #path: string
  #repository: Repository | undefined

  constructor(fs: FileSystem, platform: Platform, url: string, path: string) {
    this.#fs = fs
    this.#platform = platform
    this.url = url
    this.#path = path
  }

  async list(service: 'fetch' | 'push'): Promise<Advertisement> {
    return this.#guard('read', async () => {
      await this.close()
      const repository = await this.#find()
      this.#repository = repository
      if (service === 'push') await this.#tryWriting(repository)
      const refs = await repository.refs.list('refs/')
      return { refs, capabilities: CAPABILITIES, head: await this.#readHead(repository), haves: [] }
    })
  }

  async *fetchPack({ wants, haves, isByName, history }: PackRequest): AsyncGenerator<Uint8Array> {
    if (isByName) await this.list('fetch')
    const { objects } = this.#listed()
    // Of what they have, the history may be missing that is asked for.
    const isWhole = history?.depth === Number.POSITIVE_INFINITY
    if (isWhole) history.onMove({ shallow: [], unshallow: history.edge })
    try {
      const common: Oid[] = []
      for (
        let names = isWhole ? [] : await haves.next(64);
        names.length > 0;
        names = await haves.next(64)
      ) {
        for (const oid of names) {
          if (!(await objects.has(oid))) continue
          haves.acknowledge(oid)
          common.push(oid)
        }
      }
      const plan = []
      for await (const item of walkNewObjects(objects, wants, common, { isWhole: true }))
        plan.push(item)
      yield* buildPack(objects, plan, this.#platform, { offsets: true, thin: true })
    } catch (error) {
      throw this.#explain('read', error)
    }
  }

  async canLeaveOut(): Promise<boolean> {
    return false
  }

  async push(request: PushRequest): Promise<PushAnswer> {
    const repository = this.#listed()
    return this.#guard('write', async () => {
      const wanted = request.commands.flatMap(({ value }) => value ?? [])
      const pack = wanted.length === 0 ? undefined : await this.#receive(repository, request)
      const held = await this.#accept(repository, pack, wanted)
      try {
        return await changeRefs(repository, await this.#readHead(repository), request)
      } finally {
        await held?.release()
        await this.#tidy(repository)
      }
    })
  }

  /** Merges small packs where there are many, as `git receive-pack` has `git gc --auto` do. */
  async #tidy(repository: Repository): Promise<void> {
    const { config, storage } = repository
    if (!isOn(config, 'receive.autogc', true)) return
    // What was pushed is there all the same.
    if (hasManyPacks(storage)) await consolidate(repository).catch(() => undefined)
  }

  async close(): Promise<void> {
    const repository = this.#repository
    this.#repository = undefined
    await repository?.close()
  }

  #receive(repository: Repository, request: PushRequest): Promise<ReceivedPack> {
    const context = {
      fs: sharedFiles(this.#fs, repository.config),
      platform: this.#platform,
      path: `${repository.path}/objects`,
      objects: repository.objects
    }
    return receivePack(context, request.pack({ offsets: true, thin: true }))
  }

  async #accept(
    repository: Repository,
    pack: ReceivedPack | undefined,
    wanted: readonly Oid[]
  ): Promise<{ release(): Promise<void> } | undefined> {
    try {
      const known = (await repository.refs.list('refs/')).values()
      await checkConnected(repository.objects, pack, wanted, known)
    } catch (error) {
      await pack?.discard()
      throw error
    }
    if (pack === undefined || pack.count > 0) return pack?.accept()
    await pack.discard()
    return undefined
  }

  /** Finds the repository where git would: in the folder, in its `.git`, or with `.git` to its name. */
  async #find(): Promise<Repository> {
    for (const path of [this.#path, `${this.#path}/.git`, `${this.#path}.git`]) {
      try {
        return await openRepository(this.#fs, path, this.#platform)
      } catch (error) {
        if (!gitErrors.is(error, 'GIT_NOT_A_REPOSITORY')) throw error
      }
    }
    const isThere = (await this.#fs.stat(this.#path)) !== undefined
    const detail = isThere ? 'the folder holds no git repository' : ''
    throw remoteErrors.create('REMOTE_NOT_FOUND', { url: this.url, detail })
  }

  async #readHead({ path }: Repository): Promise<string | undefined> {
    const bytes = await this.#fs.read(`${path}/HEAD`)
    return bytes && /^ref:\s*(refs\/\S+)/.exec(decodeUtf8(bytes))?.[1]
  }

  /** Makes a file where objects lie and takes it away again; rights alone don't tell. */
  async #tryWriting({ path }: Repository): Promise<void> {
    const probe = `${path}/objects/tmp_obj_${formatHex(this.#platform.random.bytes(10))}`
    try {
      await this.#fs.create(probe, new Uint8Array())
      await this.#fs.remove(probe)
    } catch (error) {
      throw this.#explain('write', error)
    }
  }

  #listed(): Repository {
    if (this.#repository === undefined) throw new TypeError(`${this.url} was not listed before`)
    return this.#repository
  }

  async #guard<T>(action: 'read' | 'write', body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      throw this.#explain(action, error)
    }
  }

  #explain(action: 'read' | 'write', error: unknown): unknown {
    if (!isRefused(error)) return explainGitFailure(this.url, error)
    const detail = 'the rights of its files do not allow it'
    return remoteErrors.create('REMOTE_FORBIDDEN', { url: this.url, action, detail }, error)
  }
}
