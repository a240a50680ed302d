/** Returns what the refs begin with that say what a remote had when it was last asked. */
export function trackingPrefix(remote: string): string {
  return `refs/runtree/remotes/${remote}/`
}

/** Returns the tracking ref of a branch or tag: `refs/heads/x` → `refs/runtree/remotes/<remote>/heads/x`. */
export function trackingRef(remote: string, ref: string): string {
  return trackingPrefix(remote) + ref.slice('refs/'.length)
}

/** Returns the name that a ref of the project has on a remote with a prefix. */
export function remoteRefOf(prefix: string, ref: string): string {
  if (prefix === '') return ref
  if (prefix.startsWith('refs/')) return prefix + ref.slice('refs/'.length)
  return ref.replace(/^refs\/(heads|tags)\//, `refs/$1/${prefix}`)
}

/**
 * Returns the name in the project of a ref of a remote; `undefined` if it is none of the project's:
 * neither `main`, nor an experiment, nor a snapshot.
 */
export function projectRefOf(prefix: string, remoteRef: string): string | undefined {
  const ref = withoutPrefix(prefix, remoteRef)
  return ref !== undefined && PROJECT_REF.test(ref) ? ref : undefined
}

const PROJECT_REF = /^refs\/(?:heads\/(?:main|experiments\/[^/]+)|tags\/snapshots\/[^/]+)$/

function withoutPrefix(prefix: string, remoteRef: string): string | undefined {
  if (prefix === '') return remoteRef
  if (prefix.startsWith('refs/')) {
    return remoteRef.startsWith(prefix) ? `refs/${remoteRef.slice(prefix.length)}` : undefined
  }
  const match = /^refs\/(heads|tags)\/(.*)$/.exec(remoteRef)
  const name = match?.[2]
  return name?.startsWith(prefix) ? `refs/${match?.[1]}/${name.slice(prefix.length)}` : undefined
}
