import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Capture, Variables } from '../../base/capture.ts'
import type { FileSystem, Platform } from '../../base/platform.ts'
import type { RemoteHost } from '../../remote/open-remote.ts'
import { nodeCapture } from './capture/node-capture.ts'
import { readCommitter } from './committer.ts'
import { createNodeFileSystem } from './file-system.ts'
import { createNodePlatform } from './platform.ts'
import { createNodeRemoteHost } from './remote-host.ts'

/** What a workspace stands on in Node. */
export interface NodeStoreHost {
  readonly files: FileSystem
  readonly platform: Platform
  readonly capture: Capture
  readonly remotes: RemoteHost
  readonly cacheFolder: string
  committer(): Promise<{ readonly name: string; readonly email: string }>
}

/** Who commits, where it is set apart from git's configuration. */
export interface CommitterSettings {
  readonly name?: string | undefined
  readonly email?: string | undefined
}

// One of each serves all workspaces of a process.
const files = createNodeFileSystem()
const platform = createNodePlatform()

/** Returns what a workspace stands on; the user's identity is asked for at the first commit. */
export function createNodeStoreHost(
  env: Variables,
  cwd: string,
  settings: () => Promise<CommitterSettings>
): NodeStoreHost {
  let committer: Promise<{ readonly name: string; readonly email: string }> | undefined
  const read = async (): Promise<{ readonly name: string; readonly email: string }> => {
    const [configured, own] = await Promise.all([readCommitter(env, cwd), settings()])
    return { name: own.name ?? configured.name, email: own.email ?? configured.email }
  }
  const interactive = process.stdin.isTTY === true && process.stderr.isTTY === true
  return {
    files,
    platform,
    capture: nodeCapture,
    cacheFolder: cacheFolderOf(env),
    remotes: createNodeRemoteHost(files, platform, { env, cwd, interactive }),
    committer: () => (committer ??= read())
  }
}

/** Returns the user's folder of what can be made again, as the XDG base directory specification has it. */
function cacheFolderOf(env: Variables): string {
  const { XDG_CACHE_HOME } = env
  const caches = XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache')
  return `${caches.replaceAll('\\', '/')}/runtree`
}
