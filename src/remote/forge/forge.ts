import type { GitObject, Oid } from '../../git/objects.ts'
import type { LogRequest, ToldEntry } from '../../git/promised-objects.ts'

/** Through which API a repository is read whose host lets no page read its git. */
export interface ForgeAddress {
  readonly kind: 'github' | 'gitlab'
  /** The address of the API, such as `https://api.github.com`. */
  readonly api: string
}

/** What a forge's API tells of a repository. All objects are made anew from that and bear their names. */
export interface Forge {
  /** Lists branches, and the refs of Runtree's own as far as the forge names them. */
  refs(): Promise<ReadonlyMap<string, Oid>>
  /**
   * Lists the commits of a history, children before their parents, page by page.
   *
   * @throws REMOTE_PACK_DAMAGED, REMOTE_UNSUPPORTED if what is told gives no commit of that name.
   */
  commits(head: Oid, count: number): AsyncIterable<GitObject>
  /** Lists the commits that touched a path, newest first, as they are told: 100 with a request. */
  log(request: LogRequest): AsyncIterable<ToldEntry>
  /** Returns the tree of a commit and those below it, and files if they come along; what is known may be left out. */
  trees(commit: CommitTree, isKnown: (oid: Oid) => Promise<boolean>): Promise<readonly GitObject[]>
  /** Returns a file's content; `undefined` if there is none of that name. */
  blob(oid: Oid): Promise<GitObject | undefined>
  /**
   * Returns an object by its name, with the trees below it if it is one; nothing if there is none. If its
   * type is not known, each that it may have is a request.
   */
  named(oid: Oid, type?: 'tree'): Promise<readonly GitObject[]>
}

/** A commit and the tree of it. */
export interface CommitTree {
  readonly commit: Oid
  readonly tree: Oid
}

/** Names the API of a forge on an own host. */
export interface ForgeChoice {
  readonly kind: ForgeAddress['kind']
  /** Default: where an installation has it: `/api/v3` of GitHub Enterprise, `/api/v4` of GitLab. */
  readonly api?: string
}

const KNOWN: { readonly [host: string]: ForgeAddress } = {
  'github.com': { kind: 'github', api: 'https://api.github.com' },
  'gitlab.com': { kind: 'gitlab', api: 'https://gitlab.com/api/v4' }
}

/** Returns the API of the forges that everybody knows; `undefined` for other hosts. */
export function knownForge(host: string): ForgeAddress | undefined {
  return Object.hasOwn(KNOWN, host) ? KNOWN[host] : undefined
}

/** Returns where a forge on the host of an address has its API. */
export function chosenForge(url: string, { kind, api }: ForgeChoice): ForgeAddress {
  const { protocol, host } = new URL(url)
  const version = kind === 'github' ? 'v3' : 'v4'
  return { kind, api: api ?? `${protocol}//${host}/api/${version}` }
}
