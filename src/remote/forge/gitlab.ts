import type { Platform } from '../../base/platform.ts'
import { gitErrors } from '../../git/errors.ts'
import { computeOid, createObject, type GitObject, isOid, type Oid } from '../../git/objects.ts'
import type { LogRequest, ToldEntry } from '../../git/promised-objects.ts'
import { remoteErrors } from '../errors.ts'
import { readArchive } from './archive.ts'
import type { CommitTree, Forge } from './forge.ts'
import type { ForgeApi } from './forge-api.ts'
import { rebuildCommit } from './rebuild-commit.ts'
import { type ListedEntry, makeTrees, type RebuiltTrees, rebuildTrees } from './rebuild-tree.ts'
import type { Told } from './told.ts'

const PAGE = 'per_page=100'

/** An archive of more bytes is not taken: what is needed of it is asked for file by file. */
const MOST_ARCHIVE_BYTES = 32 << 20
const MOST_UNPACKED_BYTES = 256 << 20

/**
 * Statuses by which no archive is given: GitLab bounds how many somebody may ask for in a minute, apart from what
 * else it allows.
 */
const NO_ARCHIVE = [403, 404, 406, 429]

/** What a commit holds. */
interface Whole extends RebuiltTrees {
  /** The files, if they came along. */
  readonly blobs: readonly GitObject[]
}

/**
 * A repository by the REST API of GitLab (https://docs.gitlab.com/api/repositories,
 * https://docs.gitlab.com/api/commits, https://docs.gitlab.com/api/branches).
 *
 * It names branches alone, and gives a tree only as that of a commit; which one that is stands in no
 * answer, so each commit takes a listing. The newest comes as an archive, with one request for all its files.
 */
export class GitLab implements Forge {
  readonly #api: ForgeApi
  readonly #platform: Pick<Platform, 'hash' | 'zlib'>
  /** `/projects/<path>/repository` */
  readonly #path: string
  /** What the commits hold that were asked for first, by the commit. */
  readonly #wholes = new Map<Oid, Whole>()

  constructor(api: ForgeApi, platform: Pick<Platform, 'hash' | 'zlib'>, path: string) {
    this.#api = api
    this.#platform = platform
    this.#path = `/projects/${encodeURIComponent(path)}/repository`
  }

  async refs(): Promise<ReadonlyMap<string, Oid>> {
    const found = new Map<string, Oid>()
    for await (const page of this.#api.pages(`${this.#path}/branches?${PAGE}`)) {
      for (const item of page) {
        const told = this.#api.told(item)
        found.set(`refs/heads/${told.text('name')}`, told.inner('commit').oid('id'))
      }
    }
    return found
  }

  async *commits(head: Oid, count: number): AsyncGenerator<GitObject> {
    if (count === Number.POSITIVE_INFINITY) {
      // A listing for each commit there ever was.
      const reason = 'through the API of GitLab no whole history is brought'
      throw remoteErrors.create('REMOTE_UNSUPPORTED', { url: this.#api.url, reason })
    }
    const size = Math.min(100, count)
    const path = `${this.#path}/commits?ref_name=${head}&per_page=${size}`
    for await (const page of this.#api.pages(path)) {
      for (const item of page) yield this.#commit(this.#api.told(item), head)
    }
  }

  async *log({ head, path, skip = 0 }: LogRequest): AsyncGenerator<ToldEntry> {
    const query = `ref_name=${head}&path=${encodeURIComponent(path)}`
    for await (const item of this.#api.itemsFrom(`${this.#path}/commits?${query}`, skip)) {
      const told = this.#api.told(item)
      const { name, email, date } = identityOf(told, 'author', 'authored_date')
      const author = { name, email, epochSeconds: Math.floor(Date.parse(date) / 1000) }
      yield { oid: told.oid('id'), author, message: told.text('message') }
    }
  }

  async trees({ commit, tree }: CommitTree): Promise<readonly GitObject[]> {
    const { root, trees, blobs } = this.#wholes.get(commit) ?? (await this.#listWhole(commit))
    if (root.oid !== tree) throw gitErrors.create('GIT_OBJECT_MISSING', { oid: tree })
    return [...trees, ...blobs]
  }

  async blob(oid: Oid): Promise<GitObject | undefined> {
    const path = `${this.#path}/blobs/${oid}/raw`
    const bytes = await this.#api.bytes(path, { accept: '*/*', absent: [404] })
    if (bytes === undefined) return undefined
    if (computeOid(this.#platform.hash, 'blob', bytes) === oid) return { oid, type: 'blob', bytes }
    throw this.#api.damaged(oid, 'the content that came is that of something else')
  }

  async named(oid: Oid): Promise<readonly GitObject[]> {
    const blob = await this.blob(oid)
    return blob === undefined ? [] : [blob]
  }

  async #commit(told: Told, head: Oid): Promise<GitObject> {
    const oid = told.oid('id')
    if (oid === head) {
      const archived = await this.#unpack(oid)
      const commit = archived && this.#rebuild(oid, told, archived.root.oid)
      if (archived !== undefined && commit !== undefined) {
        this.#wholes.set(oid, archived)
        return commit
      }
    }
    // Below the newest commit only the name of the tree is needed.
    const { root } = oid === head ? await this.#listWhole(oid) : await this.#list(oid, false)
    const commit = this.#rebuild(oid, told, root.oid)
    if (commit !== undefined) return commit
    throw this.#api.damaged(oid, 'what the API tells of this commit does not give its name')
  }

  #rebuild(oid: Oid, told: Told, tree: Oid): GitObject | undefined {
    return rebuildCommit(this.#platform.hash, {
      oid,
      tree,
      parents: told.list('parent_ids').map(String).filter(isOid),
      author: identityOf(told, 'author', 'authored_date'),
      committer: identityOf(told, 'committer', 'committed_date'),
      message: told.text('message')
    })
  }

  async #listWhole(commit: Oid): Promise<Whole> {
    const listed = { ...(await this.#list(commit, true)), blobs: [] }
    this.#wholes.set(commit, listed)
    return listed
  }

  /**
   * Asks for all files of a commit at once; `undefined` if they can't be had so. Attributes may keep files out
   * of an archive or change them, so that what it holds is not the commit's.
   */
  async #unpack(commit: Oid): Promise<Whole | undefined> {
    const path = `${this.#path}/archive.tar.gz?sha=${commit}&include_lfs_blobs=false`
    const bytes = await this.#api.bytes(path, {
      accept: '*/*',
      absent: NO_ARCHIVE,
      mostBytes: MOST_ARCHIVE_BYTES
    })
    if (bytes === undefined) return undefined
    const { hash, zlib } = this.#platform
    try {
      const files = readArchive(zlib.gunzip(bytes, MOST_UNPACKED_BYTES))
      const blobs = files.map((file) => createObject(hash, 'blob', file.bytes))
      const named = files.map(({ path, mode }, at) => ({ path, mode, oid: blobs[at]?.oid as Oid }))
      const trees = makeTrees(hash, named)
      return { root: trees[0] as GitObject, trees, blobs }
    } catch {
      return undefined
    }
  }

  async #list(commit: Oid, recursive: boolean): Promise<RebuiltTrees> {
    const query = `ref=${commit}&recursive=${recursive}&pagination=keyset&${PAGE}`
    const entries: ListedEntry[] = []
    // To GitLab, a tree without entries is none.
    for await (const page of this.#api.pages(`${this.#path}/tree?${query}`, { absent: [404] })) {
      for (const item of page) {
        const told = this.#api.told(item)
        entries.push({ path: told.text('path'), mode: told.text('mode'), oid: told.oid('id') })
      }
    }
    const rebuilt = rebuildTrees(this.#platform.hash, entries)
    if (!recursive || rebuilt.damaged === undefined) return rebuilt
    throw this.#api.damaged(rebuilt.damaged, 'the listing is not that of this folder')
  }
}

function identityOf(told: Told, who: 'author' | 'committer', date: string) {
  return {
    name: told.text(`${who}_name`),
    email: told.text(`${who}_email`),
    date: told.text(date)
  }
}
