import { isCoded } from '../base/errors.ts'
import type { ExchangeOptions, SyncedRef, SyncReport } from '../service/sync.ts'
import type { Workspace } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { cliErrors } from './errors.ts'
import { EXIT } from './failures.ts'
import { resolveAddress } from './find.ts'
import { note, print, printJson, warn } from './print.ts'
import { printable } from './printable.ts'
import { openProgress } from './progress.ts'
import { formatTable } from './table.ts'
import { formatCount, formatSize } from './values.ts'

/** What an exchange is called with, and how many bytes it sent. */
interface Transfer {
  readonly options: Pick<ExchangeOptions, 'onProgress' | 'signal'>
  sentBytes(): number
}

/** Runs an exchange with a remote, with a bar on a terminal and what the remote says. */
export async function withTransfer<T>(
  context: Context,
  body: (transfer: Transfer) => Promise<T>
): Promise<T> {
  const receiving = openProgress(context, 'receiving')
  const sending = openProgress(context, 'sending')
  let [before, sent] = [0, 0]
  const onProgress: ExchangeOptions['onProgress'] = (progress) => {
    if (progress.kind === 'message') return say(context, progress.text)
    const { kind, objects, bytes, total = 0 } = progress
    const bar = kind === 'sent' ? sending : receiving
    bar.update(objects, total, ` objects · ${formatSize(bytes)}`)
    if (kind !== 'sent') return
    // Of several packs each begins anew.
    if (bytes < sent) before += sent
    sent = bytes
  }
  try {
    const options = { onProgress, signal: context.signal }
    return await body({ options, sentBytes: () => before + sent })
  } finally {
    receiving.stop()
    sending.stop()
  }
}

/** What git servers say of their own progress, in words that tell a reader nothing. */
const CHATTER =
  /^(enumerating|counting|compressing|resolving|unpacking|total|processing|checking)\b/i

function say(context: Context, text: string): void {
  for (const line of text.split(/[\r\n]+/)) {
    if (line.trim() !== '' && !CHATTER.test(line.trim()))
      note(context, `remote: ${printable(line)}`)
  }
}

/** Statuses of branches of which nothing was taken over. */
const REFUSED: readonly SyncedRef['status'][] = ['rejected', 'rewound', 'deleted-there', 'diverged']

/** What to do about what is damaged here. */
export const REPAIR = 'runtree verify --repair mends what can be mended.'

/** Tells how a push or a pull ended: 1 if something is damaged here, 3 if something was refused. */
export function exitOf(report: SyncReport, direction: 'push' | 'pull'): number {
  const isRefused = ({ status }: SyncedRef): boolean =>
    REFUSED.includes(status) && (direction === 'push' || status !== 'deleted-there')
  if (report.refs.some(({ status }) => status === 'damaged')) return EXIT.failed
  return report.refs.some(isRefused) ? EXIT.conflict : EXIT.done
}

/** Prints what an exchange came to. */
export async function printReport(
  context: Context,
  report: SyncReport,
  options: { readonly direction: 'push' | 'pull'; readonly sentBytes?: number }
): Promise<void> {
  const { sentBytes = 0 } = options
  if (context.json) await printJson(context, { ...report, sentBytes })
  else {
    const changed = changedIn(report)
    if (changed.length > 0) await print(context, formatRefs(context, changed, options.direction))
    note(context, summarize(report, options))
  }
  sayDamaged(context, report)
  sayHeldBack(context, report)
}

/** Says what an exchange came to that is not the result of the command. */
export function sayReport(
  context: Context,
  report: SyncReport,
  options: { readonly direction: 'push' | 'pull'; readonly sentBytes?: number }
): void {
  const changed = changedIn(report)
  if (changed.length > 0) note(context, formatRefs(context, changed, options.direction).trimEnd())
  note(context, summarize(report, options))
  sayDamaged(context, report)
  sayHeldBack(context, report)
}

function sayDamaged(context: Context, { refs }: SyncReport): void {
  const damaged = refs.filter(({ status }) => status === 'damaged')
  for (const ref of damaged) {
    warn(context, `${printable(nameOfRef(ref))} was left out: ${printable(ref.reason ?? '')}`)
  }
  if (damaged.length > 0) warn(context, REPAIR)
}

function summarize(
  report: SyncReport,
  { direction, sentBytes = 0 }: { readonly direction: 'push' | 'pull'; readonly sentBytes?: number }
): string {
  const counts = new Map<string, number>()
  for (const { status } of report.refs) counts.set(status, (counts.get(status) ?? 0) + 1)
  const isNothing = report.refs.every(({ status }) => status === 'unchanged')
  const parts = [
    ...(isNothing ? ['nothing new'] : [...counts].map(([status, count]) => `${count} ${status}`)),
    ...(sentBytes > 0 ? [`sent ${formatSize(sentBytes)}`] : []),
    ...(report.receivedBytes > 0 ? [`received ${formatSize(report.receivedBytes)}`] : [])
  ]
  const place = `${printable(report.remote)} (${printable(report.url)})`
  return `${direction === 'push' ? 'to' : 'from'} ${place}: ${parts.join(', ')}`
}

/** Says what content of artifacts did not travel. */
export function sayHeldBack(context: Context, { heldBack }: Pick<SyncReport, 'heldBack'>): void {
  if (heldBack.count === 0) return
  const [stay, it, its] = heldBack.count === 1 ? ['stays', 'it', 'its'] : ['stay', 'them', 'their']
  const what = `${formatCount(heldBack.count, 'artifact')} of ${formatSize(heldBack.sizeBytes)}`
  note(
    context,
    `${what} ${stay} where ${it} ${it === 'it' ? 'was' : 'were'} made: ${its} content does not travel yet.`
  )
}

/** The order in which branches and snapshots are shown. */
const ORDER = ['refs/heads/main', 'refs/heads/', 'refs/']

function changedIn({ refs }: SyncReport): readonly SyncedRef[] {
  const rank = ({ ref }: SyncedRef): number => ORDER.findIndex((start) => ref.startsWith(start))
  return refs.filter(({ status }) => status !== 'unchanged').sort((a, b) => rank(a) - rank(b))
}

function formatRefs(
  context: Context,
  refs: readonly SyncedRef[],
  direction: 'push' | 'pull'
): string {
  const { colors } = context
  return formatTable(
    [
      { title: 'what', maxWidth: 63, paint: (text) => colors.yellow(text) },
      { title: 'state', minWidth: 13, paint: (text, row) => paintState(context, text, refs[row]) },
      { title: 'commit', rank: 2, paint: (text) => colors.dim(text) },
      { title: '', rank: 1, minWidth: 20, maxWidth: 120 }
    ],
    refs.map((ref) => [nameOfRef(ref), ref.status, commitOf(ref), remarkOn(ref, direction)]),
    { width: context.out.columns, colors }
  ).text
}

/** Returns what a ref is to people: an experiment, a snapshot, or what belongs to the whole project. */
export function nameOfRef({
  ref,
  experiment
}: {
  readonly ref: string
  readonly experiment?: string
}): string {
  if (experiment !== undefined) return experiment
  if (ref === 'refs/heads/main') return '(project)'
  return ref.replace(/^refs\/(?:tags|heads\/experiments)\//, '')
}

/** Colours a state: green where things moved, red where they were refused. */
export function paintState(
  { colors }: Pick<Context, 'colors'>,
  text: string,
  ref: Pick<SyncedRef, 'status'> | undefined
): string {
  if (ref !== undefined && [...REFUSED, 'damaged'].includes(ref.status)) return colors.red(text)
  if (ref?.status === 'hidden' || ref?.status === 'unchanged') return colors.dim(text)
  return ref?.status === 'ahead' || ref?.status === 'behind'
    ? colors.cyan(text)
    : colors.green(text)
}

function commitOf({ after, before }: SyncedRef): string {
  return (after ?? before)?.slice(0, 8) ?? ''
}

/** What can be done about the refusals of git's own rules, by what git says of them. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/checked out/i, 'push to a bare repository (git init --bare)'],
  [/non-fast-forward/i, 'its owner has to allow that history is replaced'],
  [/deletion (?:is )?prohibited/i, 'its owner has to allow that branches are deleted'],
  [/hook declined|protected branch/i, 'a rule of its owner; what it says stands above']
]

function adviceOn(reason: string): string {
  const advice = ADVICE.find(([pattern]) => pattern.test(reason))?.[1]
  return advice === undefined ? '' : `; ${advice}`
}

function remarkOn(ref: SyncedRef, direction: 'push' | 'pull'): string {
  const contested = ref.conflicts?.length ?? 0
  if (contested > 0) return `${formatCount(contested, 'contested field')}: runtree status`
  if (ref.status === 'damaged') return 'can’t be read here'
  if (ref.reason !== undefined) return ref.reason + adviceOn(ref.reason)
  switch (ref.status) {
    case 'deleted-there':
      return direction === 'push'
        ? 'was deleted there; --recreate pushes it again'
        : 'was deleted there; it stays here'
    case 'rewound':
      return 'its history there was replaced; to join both: runtree remote rm and add, then pull'
    case 'hidden':
      return `was deleted here; runtree pull -e ${ref.experiment ?? ''} brings it back`
    case 'diverged':
      return 'another snapshot has that name there'
    case 'merged':
      return direction === 'push' ? '' : 'runtree push brings the merge there'
    case 'ahead':
      return 'has more here; runtree push brings it there'
    default:
      return ''
  }
}

/** Returns the slugs of experiments that are named on the command line. @throws CLI_NOT_FOUND, CLI_WRONG_KIND */
export async function slugsOf(
  workspace: Workspace,
  addresses: readonly string[]
): Promise<readonly string[]> {
  const slugs: string[] = []
  for (const address of addresses) {
    const found = await resolveAddress(workspace, address)
    if (found.kind !== 'experiment') {
      const data = { address, kind: found.kind, expected: 'experiment' }
      throw cliErrors.create('CLI_WRONG_KIND', data)
    }
    slugs.push(found.address.slice(found.address.indexOf('/') + 1))
  }
  return slugs
}

/** Returns a failure of an experiment that was asked for and is not there. */
export function findMissing(report: SyncReport, experiments: readonly string[]): Error | undefined {
  const experiment = experiments.find((slug) => {
    const found = report.refs.find((ref) => ref.experiment === slug)
    return found === undefined || found.status === 'deleted-there'
  })
  if (experiment === undefined) return undefined
  return cliErrors.create('CLI_NOT_THERE', { experiment, remote: report.remote })
}

/** Tells whether a failure says that a remote could not be asked. */
export function isOffline(error: unknown): boolean {
  return (
    isCoded(error) &&
    ['REMOTE_OFFLINE', 'REMOTE_UNREACHABLE', 'REMOTE_TIMEOUT'].includes(error.code)
  )
}
