import type { ProjectStatus } from '../service/sync.ts'
import type { Context } from './context.ts'
import { nameOfRef, paintState } from './exchange.ts'
import { printable } from './printable.ts'
import { formatRows } from './run-parts.ts'
import { formatAge, formatCount } from './values.ts'

type RemoteState = ProjectStatus['remotes'][number]
type View = Pick<Context, 'colors' | 'out' | 'now'>

/** Lists the branches that a remote does not have as they are here. */
export function unsynced(state: RemoteState): RemoteState['refs'] {
  return state.refs.filter(({ status }) => status !== 'unchanged')
}

/** Says on one line how a project stands to a remote. */
export function formatRemoteLine(view: View, state: RemoteState): string {
  const asked =
    state.askedMs === undefined
      ? 'not asked yet'
      : `asked ${formatAge(new Date(state.askedMs).toISOString(), view.now())}`
  const offline = state.isOffline ? `, ${view.colors.yellow('could not be reached just now')}` : ''
  return `${printable(state.remote.url)} · ${asked}${offline}`
}

/** Says in few words what is to be pushed or pulled. */
export function summarizeState(state: RemoteState): string {
  const open = unsynced(state)
  if (open.length === 0) return 'all is there'
  const names = open.slice(0, 4).map(nameOfRef).join(', ')
  const more = open.length > 4 ? ` and ${open.length - 4} more` : ''
  const count = formatCount(open.length, 'branch', 'branches')
  return `${count} not in step: ${names}${more}`
}

const MEANINGS: { readonly [status: string]: string } = {
  new: 'was never pushed',
  ahead: 'has more here: runtree push',
  behind: 'has more there: runtree pull',
  diverged: 'both sides have more: runtree push merges them',
  'deleted-there': 'was deleted there: push --recreate, or rm',
  rewound: 'its history there was replaced',
  damaged: 'can’t be read here: runtree verify'
}

/** Says what waits to be pushed in the background, and why it does. */
export function formatQueue({ queue }: RemoteState): string {
  if (queue.experiments.length === 0) return ''
  const why = queue.failure === undefined ? '' : ` (${printable(queue.failure).replace(/\.$/, '')})`
  const names = queue.experiments.map(printable).join(', ')
  return `  waiting to be pushed in the background: ${names}${why}\n`
}

/** Formats the branches that are not alike on both sides, with what to do. */
export function formatStates(context: View, state: RemoteState): string {
  const open = unsynced(state)
  return formatRows(
    context,
    [
      { title: 'what', maxWidth: 63, paint: (text) => context.colors.yellow(text) },
      {
        title: 'state',
        minWidth: 13,
        paint: (text, row) => paintState(context, text, open[row])
      },
      { title: '', rank: 1, minWidth: 20, maxWidth: 80 }
    ],
    open.map((ref) => [nameOfRef(ref), ref.status, MEANINGS[ref.status] ?? ''])
  )
}
