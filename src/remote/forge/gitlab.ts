import type { Hash } from '../../base/platform.ts'
import { gitErrors } from '../../git/errors.ts'
import { computeOid, type GitObject, isOid, type Oid } from '../../git/objects.ts'
import { remoteErrors } from '../errors.ts'
import type { CommitTree, Forge } from './forge.ts'
import type { ForgeApi } from './forge-api.ts'
import { rebuildCommit } from './rebuild-commit.ts'
import { type ListedEntry, type RebuiltTrees, rebuildTrees } from './rebuild-tree.ts'
import type { Told } from './told.ts'

const PAGE = 'per_page=100'

/**
 * A repository by the REST API of GitLab (https://docs.gitlab.com/api/repositories,
 * https://docs.gitlab.com/api/commits, https://docs.gitlab.com/api/branches).
 *
 * It names branches alone, and gives a tree only as that of a commit; which one that is stands in no
 * answer, so each commit takes a listing.
 */
export class GitLab implements Forge {
  readonly #api: ForgeApi
  readonly #hash: Hash
  /** `/projects/<path>/repository` */
  readonly #path: string
  /** The trees of the commits that were asked for first, by the commit. */
  readonly #listed = new Map<Oid, RebuiltTrees>()

  constructor(api: ForgeApi, hash: Hash, path: string) {
    this.#api = api
    this.#hash = hash
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

  async trees(
    { commit, tree }: CommitTree,
    isKnown: (oid: Oid) => Promise<boolean>
  ): Promise<readonly GitObject[]> {
    const { root, trees } = await this.#treesOf(commit)
    if (root.oid !== tree) throw gitErrors.create('GIT_OBJECT_MISSING', { oid: tree })
    const found: GitObject[] = []
    for (const object of trees) if (!(await isKnown(object.oid))) found.push(object)
    return found
  }

  async blob(oid: Oid): Promise<GitObject | undefined> {
    const path = `${this.#path}/blobs/${oid}/raw`
    const bytes = await this.#api.bytes(path, { accept: '*/*', absent: [404] })
    if (bytes === undefined) return undefined
    if (computeOid(this.#hash, 'blob', bytes) === oid) return { oid, type: 'blob', bytes }
    throw this.#api.damaged(oid, 'the content that came is that of something else')
  }

  async named(oid: Oid): Promise<readonly GitObject[]> {
    const blob = await this.blob(oid)
    return blob === undefined ? [] : [blob]
  }

  async #commit(told: Told, head: Oid): Promise<GitObject> {
    const oid = told.oid('id')
    // Below the newest commit only the name of the tree is needed.
    const { root } = oid === head ? await this.#treesOf(oid) : await this.#list(oid, false)
    const commit = rebuildCommit(this.#hash, {
      oid,
      tree: root.oid,
      parents: told.list('parent_ids').map(String).filter(isOid),
      author: identityOf(told, 'author', 'authored_date'),
      committer: identityOf(told, 'committer', 'committed_date'),
      message: told.text('message')
    })
    if (commit !== undefined) return commit
    throw this.#api.damaged(oid, 'what the API tells of this commit does not give its name')
  }

  async #treesOf(commit: Oid): Promise<RebuiltTrees> {
    const listed = this.#listed.get(commit) ?? (await this.#list(commit, true))
    this.#listed.set(commit, listed)
    return listed
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
    const rebuilt = rebuildTrees(this.#hash, entries)
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
