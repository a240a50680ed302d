import { useEffect, useRef, useState } from 'preact/hooks'
import { liveAnswer } from '../live.ts'
import { isAbort } from '../parts/failure.ts'
import { LogView } from '../parts/log-view.tsx'
import { Empty, Loading, Problem } from '../parts/states.tsx'
import type { LogAnswer } from '../source/run-answers.ts'
import type { RunView } from './run-view.ts'

/** What the run said, as it says it. */
export function LogTab({ view }: { readonly view: RunView }) {
  const { source, answer, live } = view
  const { address, commitOid } = answer
  const [log, setLog] = useState<LogAnswer>()
  const [error, setError] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  const isAsking = useRef(false)
  const isRunning = live !== undefined
  const tick = isRunning ? liveAnswer.value : commitOid
  useEffect(() => {
    if (isAsking.current) return
    const controller = new AbortController()
    isAsking.current = true
    const request = log === undefined ? { address } : { address, cursor: log.cursor }
    source
      .log(request, { signal: controller.signal })
      .then(
        (more) => {
          if (controller.signal.aborted) return
          setError(undefined)
          setLog((before) => ({
            ...more,
            text: `${before?.text ?? ''}${more.text}`,
            isCut: before?.isCut ?? more.isCut
          }))
        },
        (reason) => {
          if (!isAbort(reason)) setError(reason)
        }
      )
      .finally(() => {
        isAsking.current = false
      })
  }, [source, address, tick, attempt])
  if (log === undefined) {
    if (error === undefined) return <Loading lines={8} />
    return <Problem error={error} onRetry={() => setAttempt(attempt + 1)} />
  }
  if (log.text === '' && !isRunning) {
    return (
      <Empty title="The run said nothing" icon="note">
        <p>Lines of run.text(…), and what a program under `runtree run` prints, are kept here.</p>
      </Empty>
    )
  }
  return (
    <LogView
      text={log.text}
      isRunning={isRunning}
      isCut={log.isCut}
      name={`${answer.id}.log.txt`}
    />
  )
}
