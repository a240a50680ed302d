import { Button } from '../parts/button.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { EditTags } from '../parts/edit-tags.tsx'
import { EditText } from '../parts/edit-text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Ago, StatusBadge } from '../parts/labels.tsx'
import { Link } from '../parts/link.tsx'
import { formatDuration } from '../parts/text.ts'
import { showFailure } from '../parts/toast.tsx'
import type { About } from '../source/answers.ts'
import type { LiveRunState, RunAnswer } from '../source/run-answers.ts'
import { HeadlineMetrics } from './headline-metrics.tsx'
import { Liveness } from './liveness.tsx'
import type { RunActions } from './run-actions.ts'

/** What a run is called, how it stands, and what it came to. */
export function RunHead(props: {
  readonly answer: RunAnswer
  readonly live: LiveRunState | undefined
  readonly way: About['way']
  readonly isWritable: boolean
  readonly actions: RunActions
}) {
  const { answer, live, way, isWritable, actions } = props
  const { record, id, previous, parent } = answer
  return (
    <header class="run-head">
      <div class="page-head">
        <div class="run-title">
          <EditText
            label="Name"
            value={record.name ?? ''}
            isEditable={isWritable}
            onSave={actions.rename}
          >
            <h1>{record.name ?? id}</h1>
          </EditText>
          <div class="run-facts">
            <StatusBadge status={record.status} />
            <Liveness live={live} record={record} way={way} />
            <Timing record={record} isRunning={live !== undefined} />
            <Whereabouts answer={answer} />
            <span class="run-address mono">
              {id} <CopyButton text={answer.address} label="Copy the address" />
            </span>
            {parent === undefined ? null : (
              <span>
                part of{' '}
                <Link to={{ page: 'run', address: parent.address }}>
                  {parent.name ?? parent.id}
                </Link>
              </span>
            )}
            <EditTags
              tags={record.tags ?? []}
              isEditable={isWritable}
              onAdd={actions.addTag}
              onRemove={actions.removeTag}
            />
          </div>
        </div>
        <div class="page-actions">
          {previous === undefined ? null : (
            <Link
              class="button"
              to={{
                page: 'compare',
                address: `${answer.project}/${answer.experiment}`,
                params: { runs: `${previous.address},${answer.address}` }
              }}
            >
              <Icon name="compare" />
              Compare with the run before
            </Link>
          )}
          {isWritable ? (
            <Button
              label="Delete"
              icon="trash"
              tone="quiet"
              onClick={() => void actions.remove().catch(showFailure)}
            />
          ) : null}
        </div>
      </div>
      <RunFailure answer={answer} />
      <HeadlineMetrics answer={answer} live={live} />
    </header>
  )
}

function Timing({
  record,
  isRunning
}: {
  readonly record: RunAnswer['record']
  readonly isRunning: boolean
}) {
  const { started, finished } = record
  if (started === undefined) return null
  const endMs =
    finished === undefined ? (isRunning ? Date.now() : Number.NaN) : Date.parse(finished)
  const seconds = (endMs - Date.parse(started)) / 1000
  return (
    <>
      <span>
        started <Ago time={started} />
      </span>
      {Number.isNaN(seconds) ? null : (
        <span class="numeric">
          {finished === undefined ? 'for' : 'took'} {formatDuration(Math.max(seconds, 0))}
        </span>
      )}
    </>
  )
}

/** By whom and on which machine. */
function Whereabouts({ answer: { environment } }: { readonly answer: RunAnswer }) {
  const { user, host } = environment ?? {}
  const parts = [user === undefined ? '' : `by ${user}`, host === undefined ? '' : `on ${host}`]
  const text = parts.filter((part) => part !== '').join(' ')
  return text === '' ? null : <span class="whereabouts">{text}</span>
}

function RunFailure({ answer: { record } }: { readonly answer: RunAnswer }) {
  const { error, exitCode, signal, status } = record
  if (error === undefined && exitCode === undefined && signal === undefined) return null
  if (status === 'finished' && error === undefined) return null
  const ended = [
    exitCode === undefined ? '' : `exit code ${exitCode}`,
    signal === undefined ? '' : `signal ${signal}`
  ].filter((text) => text !== '')
  return (
    <div class="banner bad run-failure" role="alert">
      <p>
        <strong>{error?.name ?? (status === 'interrupted' ? 'Interrupted' : 'Failed')}</strong>
        {error === undefined ? '' : `: ${error.message}`}
        {ended.length === 0 ? '' : ` (${ended.join(', ')})`}
      </p>
      {error?.stack === undefined ? null : (
        <details>
          <summary>Where it failed</summary>
          <pre tabindex={0}>{error.stack}</pre>
        </details>
      )}
    </div>
  )
}
