import {
  type Answered,
  type Asked,
  type ForgeServer,
  type ForgeServerOptions,
  listOids,
  paginate,
  readStoredCommit,
  type StoredCommit,
  type StoredIdentity,
  serveForge
} from './forge-server.ts'
import { git, gitBytes, tryGit } from './git.ts'

/** How this GitLab differs from the real one. */
export interface GitLabOptions extends ForgeServerOptions {
  /** Whether no more archives are given for now. Default: false. */
  readonly noArchives?: boolean
}

const NOT_FOUND: Answered = { status: 404, json: { message: '404 Project Not Found' } }

const BASE = '/projects/ada%2Flab/repository'

/**
 * Serves a bare repository as `ada/lab` by the part of GitLab's REST API that is about repositories. Each
 * answer has the members of its documentation (https://docs.gitlab.com/api/repositories).
 */
export function serveGitLab(folder: string, options: GitLabOptions = {}): Promise<ForgeServer> {
  return serveForge(options, {
    limitHeader: 'ratelimit',
    limitStatus: 429,
    absent: NOT_FOUND,
    unauthorized: { status: 401, json: { message: '401 Unauthorized' } },
    answer: (asked) => {
      if (!asked.path.startsWith(`${BASE}/`)) return undefined
      const path = asked.path.slice(BASE.length)
      if (path === '/branches') return listBranches(folder, asked)
      if (path === '/commits') return listCommits(folder, asked)
      if (path === '/archive.tar.gz') return readTarball(folder, asked, options)
      if (path === '/tree') return listTree(folder, asked)
      const [, oid] = /^\/blobs\/([0-9a-f]{40})\/raw$/.exec(path) ?? []
      return oid === undefined ? undefined : readBlob(folder, oid)
    }
  })
}

function listBranches(folder: string, asked: Asked): Answered {
  const format = '%(refname:lstrip=2) %(objectname)'
  const lines = git(folder, ['for-each-ref', `--format=${format}`, 'refs/heads/'])
    .trim()
    .split('\n')
  const branches = lines.map((line) => {
    const [name = '', oid = ''] = line.split(' ')
    return {
      name,
      merged: false,
      protected: name === 'main',
      default: name === 'main',
      developers_can_push: false,
      developers_can_merge: false,
      can_push: true,
      web_url: `https://gitlab.example/ada/lab/-/tree/${name}`,
      commit: tell(readStoredCommit(folder, oid) as StoredCommit)
    }
  })
  return paginate(branches, asked)
}

function listCommits(folder: string, asked: Asked): Answered | undefined {
  const oids = listOids(folder, asked, 'ref_name')
  if (oids === undefined) return undefined
  const { json, ...rest } = paginate(oids, asked)
  const commits = (json as string[]).map((oid) =>
    tell(readStoredCommit(folder, oid) as StoredCommit)
  )
  return { json: commits, ...rest }
}

function tell({ oid, parents, author, committer, message }: StoredCommit) {
  return {
    id: oid,
    short_id: oid.slice(0, 8),
    title: message.split('\n')[0],
    author_name: author.name,
    author_email: author.email,
    authored_date: formatZoned(author),
    committer_name: committer.name,
    committer_email: committer.email,
    committed_date: formatZoned(committer),
    created_at: formatZoned(committer),
    message,
    parent_ids: parents,
    web_url: `https://gitlab.example/ada/lab/-/commit/${oid}`
  }
}

/** Formats a moment as GitLab does, in the zone of whoever made the commit. */
function formatZoned({ seconds, zone }: StoredIdentity): string {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60 : 60)
  const local = new Date((seconds + offset) * 1000).toISOString().replace('Z', '')
  return `${local}${sign}${hours}:${minutes}`
}

function listTree(folder: string, asked: Asked): Answered | undefined {
  const { query, url, path } = asked
  const isRecursive = query.get('recursive') === 'true'
  const flags = isRecursive ? ['-r', '-t'] : []
  const { status, stdout } = tryGit(folder, ['ls-tree', '-z', ...flags, query.get('ref') ?? 'HEAD'])
  if (status !== 0 || stdout === '') return undefined
  const tree = stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode, type, id, at = ''] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
      return { id, name: at.slice(at.lastIndexOf('/') + 1), type, path: at, mode }
    })
  // Pages by keyset: the next begins behind the entry that is named.
  const size = Number(query.get('per_page') ?? 20)
  const after = query.get('page_token')
  const start = after === null ? 0 : Number(after)
  const json = tree.slice(start, start + size)
  if (start + size >= tree.length) return { json }
  const next = new URLSearchParams(query)
  next.set('page_token', String(start + size))
  return { json, headers: { link: `<${url}${path}?${next}>; rel="next"` } }
}

/** Archives have a limit of their own; what is in them lies in a folder. */
function readTarball(
  folder: string,
  { query }: Asked,
  options: GitLabOptions
): Answered | undefined {
  const { noArchives = false } = options
  if (noArchives)
    return { status: 429, json: { message: 'This endpoint has been requested too many times' } }
  const sha = query.get('sha') ?? 'HEAD'
  if (tryGit(folder, ['cat-file', '-e', `${sha}^{commit}`]).status !== 0) return undefined
  return {
    bytes: gitBytes(folder, ['archive', '--format=tar.gz', `--prefix=lab-${sha}-${sha}/`, sha])
  }
}

function readBlob(folder: string, oid: string): Answered | undefined {
  if (tryGit(folder, ['cat-file', '-t', oid]).stdout.trim() !== 'blob') return undefined
  return { bytes: gitBytes(folder, ['cat-file', 'blob', oid]) }
}
