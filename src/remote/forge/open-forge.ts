import type { ObjectStore } from '../../git/object-store.ts'
import { remoteErrors } from '../errors.ts'
import type { Remote } from '../remote.ts'
import type { TransportOptions } from '../transport.ts'
import type { HttpAddress } from '../url.ts'
import type { Forge, ForgeAddress } from './forge.ts'
import { ForgeApi, type ForgeContext } from './forge-api.ts'
import { ForgeRemote } from './forge-remote.ts'
import { GitHub } from './github.ts'
import { GitLab } from './gitlab.ts'

/** Opens a repository through the API of its forge; nothing is sent yet. @throws REMOTE_ADDRESS */
export function openForge(
  { url }: HttpAddress,
  { kind, api }: ForgeAddress,
  context: ForgeContext,
  objects: Pick<ObjectStore, 'has' | 'listHeld'>,
  options: TransportOptions
): Remote {
  const path = pathOf(url)
  const names = path.split('/')
  if (kind === 'github' ? names.length !== 2 : names.length < 2) {
    const reason = 'a repository of a forge is named by its owner and its name'
    throw remoteErrors.create('REMOTE_ADDRESS', { address: url, reason })
  }
  const asking = new ForgeApi(url, api, context, options)
  const { platform } = context
  const forge: Forge =
    kind === 'github' ? new GitHub(asking, platform.hash, path) : new GitLab(asking, platform, path)
  return new ForgeRemote(url, forge, context, objects)
}

function pathOf(url: string): string {
  const { pathname } = new URL(url)
  try {
    return decodeURIComponent(pathname)
      .replace(/^\/+/, '')
      .replace(/\.git$/, '')
  } catch (cause) {
    const reason = 'its path is not encoded as UTF-8'
    throw remoteErrors.create('REMOTE_ADDRESS', { address: url, reason }, cause)
  }
}
