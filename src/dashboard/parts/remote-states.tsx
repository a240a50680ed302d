import type { JSX } from 'preact'
import type { RemoteState } from '../source/answers.ts'
import { Badge, type Tone } from './labels.tsx'
import { formatAgo } from './text.ts'

/** How a project stands to each of its remotes, one badge a remote. */
export function RemoteStates({
  remotes
}: {
  readonly remotes: readonly RemoteState[]
}): JSX.Element {
  if (remotes.length === 0) {
    return (
      <p class="remote-states">
        <Badge title="runtree remote add <address> adds one">only on this machine</Badge>
      </p>
    )
  }
  return (
    <p class="remote-states">
      {remotes.map((remote) => (
        <Badge key={remote.name} tone={toneOf(remote)} title={hintOf(remote)}>
          {remote.name}: {wordsOf(remote)}
        </Badge>
      ))}
    </p>
  )
}

/** Says in words how a remote stands to what is here. */
export function wordsOf(remote: RemoteState): string {
  const { ahead, behind, diverged, isOffline, asked, queued } = remote
  if (isOffline) return 'offline'
  const parts = [
    diverged > 0 ? `${diverged} apart` : '',
    ahead > 0 ? `${ahead} to push` : '',
    behind > 0 ? `${behind} to pull` : '',
    queued.length > 0 ? `${queued.length} waiting` : ''
  ].filter((part) => part !== '')
  if (parts.length > 0) return parts.join(', ')
  return asked === undefined ? 'never asked' : 'in sync'
}

function toneOf({ ahead, behind, diverged, isOffline, failure, asked }: RemoteState): Tone {
  if (failure !== undefined) return 'bad'
  if (isOffline || diverged > 0) return 'warn'
  if (ahead > 0 || behind > 0) return 'busy'
  return asked === undefined ? 'plain' : 'good'
}

function hintOf({ url, asked, failure }: RemoteState): string {
  const when = asked === undefined ? 'never asked' : `asked ${formatAgo(asked, Date.now())}`
  return [url, failure ?? when].join('\n')
}
