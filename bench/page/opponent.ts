import { Buffer } from 'buffer'

/** What isomorphic-git, loaded by its own bundle for pages, offers here. */
interface IsomorphicGit {
  clone(options: object): Promise<void>
  resolveRef(options: object): Promise<string>
  readTree(options: object): Promise<{
    readonly tree: readonly { readonly path: string; readonly oid: string; readonly type: string }[]
  }>
  readBlob(options: object): Promise<{ readonly blob: Uint8Array }>
}

/** Files in memory: the least that a file system can cost. */
function createFiles(): object {
  const files = new Map<string, Uint8Array | 'folder'>([['/', 'folder']])
  const missing = (path: string): Error =>
    Object.assign(new TypeError(`ENOENT: ${path}`), { code: 'ENOENT' })
  const find = (path: string): Uint8Array | 'folder' => {
    const found = files.get(path)
    if (found === undefined) throw missing(path)
    return found
  }
  const stat = async (path: string): Promise<object> => {
    const found = find(path)
    const size = found === 'folder' ? 0 : found.length
    return {
      size,
      mode: 0o644,
      isFile: () => found !== 'folder',
      isDirectory: () => found === 'folder',
      isSymbolicLink: () => false
    }
  }
  const promises = {
    stat,
    lstat: stat,
    async readFile(path: string, options?: string | { readonly encoding?: string }) {
      const bytes = find(path)
      if (bytes === 'folder') throw missing(path)
      return options === undefined || (typeof options === 'object' && !options.encoding)
        ? bytes
        : new TextDecoder().decode(bytes)
    },
    async writeFile(path: string, content: Uint8Array | string) {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      files.set(path, bytes.slice())
    },
    async mkdir(path: string) {
      files.set(path, 'folder')
    },
    async readdir(path: string) {
      find(path)
      const prefix = path === '/' ? '/' : `${path}/`
      const below = [...files.keys()].filter((name) => name.startsWith(prefix) && name !== path)
      return [...new Set(below.map((name) => name.slice(prefix.length).split('/')[0]))]
    },
    async unlink(path: string) {
      files.delete(path)
    },
    async rmdir(path: string) {
      files.delete(path)
    },
    async readlink(path: string) {
      throw missing(path)
    },
    async symlink() {}
  }
  return { promises }
}

/** Clones and reads every run as isomorphic-git offers it; nothing is parsed. */
async function visit(
  url: string,
  branch: string,
  depth?: number
): Promise<{ readonly runs: number; readonly ms: number }> {
  const { git, GitHttp: http } = globalThis as unknown as {
    readonly git: IsomorphicGit
    readonly GitHttp: object
  }
  const start = performance.now()
  const shared = { fs: createFiles(), dir: '/bench', cache: {} }
  const wanted = { ref: branch, singleBranch: true, noCheckout: true }
  await git.clone({ ...shared, ...wanted, http, url, ...(depth === undefined ? {} : { depth }) })
  let runs = 0
  const read = async (oid: string): Promise<void> => {
    const { tree } = await git.readTree({ ...shared, oid })
    for (const { path, oid: below, type } of tree) {
      if (type === 'tree') await read(below)
      else if (path === 'run.yaml' && (await git.readBlob({ ...shared, oid: below }))) runs++
    }
  }
  await read(await git.resolveRef({ ...shared, ref: branch }))
  return { runs, ms: performance.now() - start }
}

Object.assign(globalThis, { Buffer, visit })
