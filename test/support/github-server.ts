import {
  type Answered,
  type Asked,
  type ForgeServer,
  type ForgeServerOptions,
  formatDate,
  listOids,
  paginate,
  readStoredCommit,
  type StoredCommit,
  type StoredIdentity,
  serveForge
} from './forge-server.ts'
import { git, gitBytes, tryGit } from './git.ts'

/** How this GitHub differs from the real one. */
export interface GitHubOptions extends ForgeServerOptions {
  /** How many entries a recursive listing has at most. Default: 100000, as there. */
  readonly mostEntries?: number
}

const NOT_FOUND: Answered = {
  status: 404,
  json: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' }
}

const BASE = '/repos/ada/lab'

/**
 * Serves a bare repository as `ada/lab` by the part of GitHub's REST API that is about git objects. Each
 * answer has the members of its published schema (https://docs.github.com/rest/git).
 */
export function serveGitHub(folder: string, options: GitHubOptions = {}): Promise<ForgeServer> {
  return serveForge(options, {
    limitHeader: 'x-ratelimit',
    limitStatus: 403,
    absent: NOT_FOUND,
    unauthorized: { status: 401, json: { message: 'Bad credentials', status: '401' } },
    answer: (asked) => {
      if (!asked.path.startsWith(`${BASE}/`)) return undefined
      const path = asked.path.slice(BASE.length)
      const api = asked.url + BASE
      if (path === '/commits') return listCommits(folder, api, asked)
      const [, kind, name = ''] = /^\/git\/([\w-]+)\/(.*)$/.exec(path) ?? []
      if (kind === 'matching-refs') return listRefs(folder, api, name, asked)
      if (kind === 'trees') return listTree(folder, api, name, asked, options)
      if (kind === 'blobs') return readBlob(folder, api, name, asked)
      const commit = kind === 'commits' ? readStoredCommit(folder, name) : undefined
      return commit && { json: gitCommit(api, commit) }
    }
  })
}

function listRefs(folder: string, api: string, prefix: string, asked: Asked): Answered {
  const format = '%(refname) %(objectname) %(objecttype)'
  const lines = git(folder, ['for-each-ref', `--format=${format}`])
    .trim()
    .split('\n')
  const refs = lines
    .map((line) => line.split(' ') as [string, string, string])
    .filter(([ref]) => ref.startsWith(`refs/${decodeURIComponent(prefix)}`))
    .map(([ref, sha, type]) => ({
      ref,
      node_id: 'REF_node',
      url: `${api}/git/${ref}`,
      object: { sha, type, url: `${api}/git/${type}s/${sha}` }
    }))
  return paginate(refs, asked)
}

function listCommits(folder: string, api: string, asked: Asked): Answered | undefined {
  const oids = listOids(folder, asked, 'sha')
  if (oids === undefined) return undefined
  const { json, ...rest } = paginate(oids, asked)
  const commits = (json as string[]).map((oid) => {
    const commit = readStoredCommit(folder, oid) as StoredCommit
    const { parents, tree, ...told } = gitCommit(api, commit)
    return {
      sha: oid,
      node_id: 'C_node',
      commit: { ...told, tree, comment_count: 0, sha: undefined, node_id: undefined },
      url: `${api}/commits/${oid}`,
      html_url: `https://github.example/ada/lab/commit/${oid}`,
      comments_url: `${api}/commits/${oid}/comments`,
      author: null,
      committer: null,
      parents
    }
  })
  return { json: commits, ...rest }
}

function gitCommit(api: string, commit: StoredCommit) {
  const { oid, tree, parents, signature, payload } = commit
  const who = ({ name, email, seconds }: StoredIdentity) => ({
    name,
    email,
    date: formatDate(seconds)
  })
  return {
    sha: oid,
    node_id: 'C_node',
    url: `${api}/git/commits/${oid}`,
    html_url: `https://github.example/ada/lab/commit/${oid}`,
    author: who(commit.author),
    committer: who(commit.committer),
    message: commit.message.replace(/\n$/, ''),
    tree: { sha: tree, url: `${api}/git/trees/${tree}` },
    parents: parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `https://github.example/ada/lab/commit/${sha}`
    })),
    verification: {
      verified: false,
      reason: signature === null ? 'unsigned' : 'unknown_key',
      signature,
      payload: signature === null ? null : payload,
      verified_at: null
    }
  }
}

function listTree(
  folder: string,
  api: string,
  name: string,
  { query }: Asked,
  { mostEntries = 100_000 }: GitHubOptions
): Answered | undefined {
  const isRecursive = query.has('recursive')
  const { status, stdout } = tryGit(folder, [
    'ls-tree',
    '-z',
    '--long',
    ...(isRecursive ? ['-r', '-t'] : []),
    name
  ])
  if (status !== 0) return undefined
  const tree = stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode, type, sha, size, path] =
        /^(\d+) (\w+) ([0-9a-f]+) +(\S+)\t(.*)$/s.exec(line) ?? []
      const sized = type === 'blob' ? { size: Number(size) } : {}
      return { path, mode, type, sha, ...sized, url: `${api}/git/${type}s/${sha}` }
    })
  const truncated = isRecursive && tree.length > mostEntries
  return {
    json: {
      sha: git(folder, ['rev-parse', `${name}^{tree}`]).trim(),
      url: `${api}/git/trees/${name}`,
      tree: truncated ? tree.slice(0, mostEntries) : tree,
      truncated
    }
  }
}

function readBlob(
  folder: string,
  api: string,
  name: string,
  { accept }: Asked
): Answered | undefined {
  if (tryGit(folder, ['cat-file', '-t', name]).stdout.trim() !== 'blob') return undefined
  const bytes = gitBytes(folder, ['cat-file', 'blob', name])
  if (accept.includes('raw')) return { bytes }
  return {
    json: {
      sha: name,
      node_id: 'B_node',
      size: bytes.length,
      url: `${api}/git/blobs/${name}`,
      content: bytes.toString('base64').replace(/.{60}/g, '$&\n'),
      encoding: 'base64'
    }
  }
}
