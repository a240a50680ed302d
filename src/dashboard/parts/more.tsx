import type { JSX } from 'preact'
import { Button } from './button.tsx'
import type { Pages } from './pages.ts'
import { Loading, Missed } from './states.tsx'
import { formatArrival, formatCount } from './text.ts'

/** The end of a list that comes page by page: how far it is, a way to stop, and the way to more. */
export function More(props: {
  readonly pages: Pages<unknown>
  /** What an entry is called, such as `commit`. */
  readonly entry: string
}): JSX.Element | null {
  const { entries, isLoading, progress, error, hasMore, more, stop } = props.pages
  if (isLoading) {
    return (
      <>
        {entries === undefined ? <Loading lines={4} /> : null}
        {entries === undefined || hasMore ? (
          <p class="card-line more-line small muted" role="status">
            <span>
              {progress === undefined
                ? 'Reading…'
                : progress.bytes !== undefined
                  ? formatArrival(progress)
                  : `Reading… ${formatCount(progress.done, props.entry)} so far`}
            </span>
            <Button label="Stop" size="small" tone="quiet" onClick={stop} />
          </p>
        ) : null}
      </>
    )
  }
  if (error !== undefined) return <Missed error={error} onRetry={more} />
  if (entries === undefined) {
    return (
      <p class="card-line more-line small muted">
        <span>It was stopped.</span>
        <Button label="Go on" size="small" tone="quiet" onClick={more} />
      </p>
    )
  }
  if (!hasMore) return null
  return (
    <p class="card-line more-line">
      <Button label="Show more" size="small" tone="quiet" onClick={more} />
    </p>
  )
}
