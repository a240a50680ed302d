import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RunRecord } from '../../model/records.ts'
import { formatDuration } from '../parts/text.ts'
import type { About } from '../source/answers.ts'
import type { LiveRunState } from '../source/run-answers.ts'

/** Says whether a run that should be in progress is, and when it was last heard of. */
export function Liveness({
  live,
  record,
  way
}: {
  readonly live: LiveRunState | undefined
  readonly record: Pick<RunRecord, 'status'>
  readonly way: About['way']
}) {
  const silentMs = useSilence(live)
  if (record.status !== 'running') return null
  if (way === 'report' || way === 'published') {
    return <span class="liveness muted">was in progress when this report was made</span>
  }
  if (live === undefined) {
    return <span class="liveness muted">in progress elsewhere: only its machine can tell more</span>
  }
  const heard = silentMs < 1500 ? 'just now' : `${formatDuration(Math.floor(silentMs / 1000))} ago`
  const [word, tone] =
    live.alive === undefined
      ? ['can’t be seen from here', '']
      : live.alive
        ? ['alive', 'good']
        : ['its process is gone', 'bad']
  return (
    <span class={`liveness ${tone}`}>
      {word}, last heard <span class="numeric">{heard}</span>
    </span>
  )
}

/** Goes on counting between answers. */
function useSilence(live: LiveRunState | undefined): number {
  const now = useSignal(Date.now())
  const heardAt = useSignal(0)
  useEffect(() => {
    if (live !== undefined) heardAt.value = Date.now() - live.silentMs
  }, [live])
  useEffect(() => {
    if (live === undefined) return
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 1000)
    return () => clearInterval(timer)
  }, [live === undefined])
  return live === undefined ? 0 : Math.max(0, Math.max(now.value, Date.now()) - heardAt.value)
}
