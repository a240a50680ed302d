import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Variables } from '../../base/capture.ts'
import type { FileSystem, Platform } from '../../base/platform.ts'
import { environmentCredential } from '../../remote/credentials.ts'
import type { RemoteHost } from '../../remote/open-remote.ts'
import { openSsh } from './bridge.ts'
import { gitCredentials } from './credential.ts'
import { nodeHttp } from './http.ts'

/** Where remotes are reached from. */
export interface NodeRemoteOptions {
  readonly env: Variables
  /** The folder from which paths count. Default: the process's own. */
  readonly cwd?: string
  /** Whether ssh and git's credential helpers may ask the user. Default: false. */
  readonly interactive?: boolean
  /** The ssh program and its first arguments. Default: `GIT_SSH_COMMAND`, else `GIT_SSH`, else `ssh`. */
  readonly sshCommand?: readonly string[]
}

/** Returns what remotes need of Node and of this machine. */
export function createNodeRemoteHost(
  files: FileSystem,
  platform: Platform,
  options: NodeRemoteOptions
): RemoteHost {
  const { env, cwd, interactive = false, sshCommand } = options
  const folder = cwd === undefined ? {} : { cwd }
  const command = sshCommand === undefined ? {} : { command: sshCommand }
  return {
    files,
    platform,
    http: nodeHttp,
    credentials: ({ host }) => [
      environmentCredential(host, env),
      gitCredentials({ env, interactive, ...folder })
    ],
    openSsh: (address, transport) =>
      openSsh(address, { timers: platform.timers, env, interactive, ...command }, transport),
    resolvePath: (path) => {
      const expanded = /^~(?=$|[\\/])/.test(path) ? homedir() + path.slice(1) : path
      return resolve(cwd ?? '.', expanded).replaceAll('\\', '/')
    }
  }
}
