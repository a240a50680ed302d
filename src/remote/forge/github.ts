import type { Hash } from '../../base/platform.ts'
import { gitErrors } from '../../git/errors.ts'
import { computeOid, EMPTY_TREE, type GitObject, type Oid } from '../../git/objects.ts'
import type { LogRequest, ToldEntry } from '../../git/promised-objects.ts'
import { isFolder, parseTree } from '../../git/tree.ts'
import type { CommitTree, Forge } from './forge.ts'
import type { ForgeApi } from './forge-api.ts'
import { rebuildCommit, type ToldCommit, type ToldIdentity } from './rebuild-commit.ts'
import { rebuildTrees } from './rebuild-tree.ts'
import type { Told } from './told.ts'

/** Statuses by which an object's own address says that there is none of that name, or of that type. */
const ABSENT = [404, 409, 422]

const RAW = 'application/vnd.github.raw+json'

/** The refs that are asked for: branches, and Runtree's own. Tags would cost as much again. */
const NAMESPACES = ['heads/', 'runtree/']

const OTHER_FOLDER = 'the listing is not that of this folder'

type IsKnown = (oid: Oid) => Promise<boolean>

interface Listing {
  readonly trees: readonly GitObject[]
  readonly isTruncated: boolean
}

function identityOf(told: Told): ToldIdentity {
  return { name: told.text('name'), email: told.text('email'), date: told.text('date') }
}

/**
 * A repository by the REST API of GitHub or GitHub Enterprise
 * (https://docs.github.com/rest/git, https://docs.github.com/rest/commits/commits).
 */
export class GitHub implements Forge {
  readonly #api: ForgeApi
  readonly #hash: Hash
  /** `/repos/<owner>/<repository>` */
  readonly #path: string

  constructor(api: ForgeApi, hash: Hash, path: string) {
    this.#api = api
    this.#hash = hash
    this.#path = `/repos/${path.split('/').map(encodeURIComponent).join('/')}`
  }

  async refs(): Promise<ReadonlyMap<string, Oid>> {
    const found = new Map<string, Oid>()
    const list = async (namespace: string): Promise<void> => {
      const path = `${this.#path}/git/matching-refs/${namespace}?per_page=100`
      // An empty repository is a conflict to GitHub.
      for await (const page of this.#api.pages(path, { absent: [409] })) {
        for (const item of page) {
          const told = this.#api.told(item)
          found.set(told.text('ref'), told.inner('object').oid('sha'))
        }
      }
    }
    await Promise.all(NAMESPACES.map(list))
    return found
  }

  async *commits(head: Oid, count: number): AsyncGenerator<GitObject> {
    const size = Math.min(100, Math.max(1, count))
    const path = `${this.#path}/commits?sha=${head}&per_page=${size}`
    for await (const page of this.#api.pages(path)) {
      for (const item of page) {
        const told = this.#api.told(item)
        const commit = told.inner('commit')
        const tree = commit.inner('tree').oid('sha')
        const parents = told.items('parents').map((parent) => parent.oid('sha'))
        yield this.#commit(told.oid('sha'), commit, { tree, parents })
      }
    }
  }

  async *log({ head, path, skip = 0 }: LogRequest): AsyncGenerator<ToldEntry> {
    const query = `sha=${head}&path=${encodeURIComponent(path)}`
    for await (const item of this.#api.itemsFrom(`${this.#path}/commits?${query}`, skip)) {
      const told = this.#api.told(item)
      const commit = told.inner('commit')
      const { name, email, date } = identityOf(commit.inner('author'))
      const author = { name, email, epochSeconds: Math.floor(Date.parse(date) / 1000) }
      yield { oid: told.oid('sha'), author, message: commit.text('message') }
    }
  }

  async trees({ tree }: CommitTree, isKnown: IsKnown): Promise<readonly GitObject[]> {
    const trees = await this.#treesBelow(tree, isKnown)
    if (trees === undefined) throw gitErrors.create('GIT_OBJECT_MISSING', { oid: tree })
    return trees
  }

  async blob(oid: Oid): Promise<GitObject | undefined> {
    const path = `${this.#path}/git/blobs/${oid}`
    const bytes = await this.#api.bytes(path, { accept: RAW, absent: ABSENT })
    if (bytes === undefined) return undefined
    if (computeOid(this.#hash, 'blob', bytes) === oid) return { oid, type: 'blob', bytes }
    throw this.#api.damaged(oid, 'the content that came is that of something else')
  }

  async named(oid: Oid, type?: 'tree'): Promise<readonly GitObject[]> {
    const blob = type === 'tree' ? undefined : await this.blob(oid)
    if (blob !== undefined) return [blob]
    const listing = await this.#list(oid, '?recursive=1')
    if (listing === undefined) return []
    if (listing.trees[0]?.oid === oid) return listing.trees
    if (listing.isTruncated) return (await this.#treesBelow(oid, async () => false, true)) ?? []
    // For the name of a commit its tree comes.
    const answer = await this.#api.json(`${this.#path}/git/commits/${oid}`)
    const told = this.#api.told(answer)
    const tree = told.inner('tree').oid('sha')
    const parents = told.items('parents').map((parent) => parent.oid('sha'))
    return [this.#commit(oid, told, { tree, parents })]
  }

  /**
   * Lists a tree with all below it by one request, or folder by folder where that is too much for one;
   * `isLarge` says that it is known to be. Returns `undefined` if there is no such tree.
   */
  async #treesBelow(
    oid: Oid,
    isKnown: IsKnown,
    isLarge = false
  ): Promise<readonly GitObject[] | undefined> {
    if (oid === EMPTY_TREE) return []
    const whole = isLarge ? undefined : await this.#list(oid, '?recursive=1')
    if (!isLarge && whole === undefined) return undefined
    if (whole?.isTruncated === false) return this.#check(oid, whole.trees)
    const own = await this.#list(oid, '')
    if (own === undefined) return undefined
    if (own.isTruncated) throw this.#api.refuse(`the folder ${oid} is listed in part only`)
    const found = [...this.#check(oid, own.trees)]
    const below: Oid[] = []
    for (const entry of parseTree(own.trees[0] as GitObject)) {
      if (isFolder(entry) && !(await isKnown(entry.oid))) below.push(entry.oid)
    }
    for (const child of new Set(below)) {
      // All that was too much lies in the only folder.
      const trees = await this.#treesBelow(child, isKnown, below.length === 1)
      if (trees === undefined) throw gitErrors.create('GIT_OBJECT_MISSING', { oid: child })
      found.push(...trees)
    }
    return found
  }

  /** Returns trees of which the first is to be the one that was asked for. */
  #check(oid: Oid, trees: readonly GitObject[]): readonly GitObject[] {
    if (trees[0]?.oid !== oid) throw this.#api.damaged(oid, OTHER_FOLDER)
    return trees
  }

  /** Lists a tree; nothing of it if that is too much at once. What is listed is the caller's to check. */
  async #list(oid: Oid, query: '' | '?recursive=1'): Promise<Listing | undefined> {
    const path = `${this.#path}/git/trees/${oid}${query}`
    const answer = await this.#api.json(path, { absent: ABSENT })
    if (answer === undefined) return undefined
    const told = this.#api.told(answer)
    if (told.is('truncated')) return { trees: [], isTruncated: true }
    const entries = told.items('tree').map((entry) => ({
      path: entry.text('path'),
      mode: entry.text('mode'),
      oid: entry.oid('sha')
    }))
    const { root, trees, damaged } = rebuildTrees(this.#hash, entries)
    if (query === '') return { trees: [root], isTruncated: false }
    if (damaged !== undefined) throw this.#api.damaged(damaged, OTHER_FOLDER)
    return { trees, isTruncated: false }
  }

  #commit(oid: Oid, told: Told, links: Pick<ToldCommit, 'tree' | 'parents'>): GitObject {
    const verification = told.maybeInner('verification')
    const [payload, signature] = [verification?.maybe('payload'), verification?.maybe('signature')]
    const commit = rebuildCommit(this.#hash, {
      oid,
      ...links,
      author: identityOf(told.inner('author')),
      committer: identityOf(told.inner('committer')),
      message: told.text('message'),
      ...(payload === undefined ? {} : { payload }),
      ...(signature === undefined ? {} : { signature })
    })
    if (commit !== undefined) return commit
    throw this.#api.damaged(oid, 'what the API tells of this commit does not give its name')
  }
}
