import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { downloadPlain } from './download.ts'
import { plainLines } from './plain-text.ts'
import { formatCount, formatNumber } from './text.ts'
import { useVirtualRows } from './virtual-rows.ts'

const ROW = 19

/** Shows a log: searchable, and at its end while it grows. */
export function LogView({
  text,
  isRunning,
  isCut,
  name
}: {
  readonly text: string
  readonly isRunning: boolean
  /** Whether the start is left out. */
  readonly isCut: boolean
  /** What its file is called if it is kept. */
  readonly name: string
}) {
  const [search, setSearch] = useState('')
  const [isFollowing, setFollowing] = useState(isRunning)
  const scroller = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => plainLines(text), [text])
  const shown = useMemo(() => matching(lines, search), [lines, search])
  const rows = useVirtualRows(scroller, shown.length, ROW)
  useEffect(() => {
    if (isFollowing && scroller.current !== null) {
      scroller.current.scrollTop = scroller.current.scrollHeight
    }
  }, [shown.length, isFollowing])
  return (
    <section class="log card" aria-label="Log">
      <div class="card-head wrap">
        <input
          class="input"
          type="search"
          placeholder="Search in the log"
          aria-label="Search in the log"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <span class="small muted" role="status">
          {search === ''
            ? formatCount(lines.length, 'line')
            : `${formatNumber(shown.length)} of ${formatCount(lines.length, 'line')}`}
          {isCut ? ', the start left out' : ''}
        </span>
        <Button
          label={isRunning ? 'Follow' : 'To the end'}
          icon="arrowDown"
          size="small"
          pressed={isRunning ? isFollowing : undefined}
          onClick={() => {
            setFollowing(!isFollowing || !isRunning)
            rows.scrollTo(shown.length - 1)
          }}
        />
        <DownloadText label="Download" name={name} text={lines.join('\n')} />
      </div>
      <div
        ref={scroller}
        class="log-lines"
        role="log"
        aria-live="off"
        aria-label="Lines of the log"
        tabindex={0}
        onWheel={(event) => event.deltaY < 0 && setFollowing(false)}
        onKeyDown={(event) =>
          ['ArrowUp', 'PageUp', 'Home'].includes(event.key) && setFollowing(false)
        }
      >
        <div class="log-space" style={{ height: `${rows.height}px` }}>
          {rows.items.map(({ index, start }) => {
            const line = shown[index]
            return line === undefined ? null : (
              <div key={index} class="log-line" style={{ transform: `translateY(${start}px)` }}>
                <span class="log-number" aria-hidden="true">
                  {line.number}
                </span>
                <LineText text={line.text} search={search} />
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}

function LineText({ text, search }: { readonly text: string; readonly search: string }) {
  const at = search === '' ? -1 : text.toLowerCase().indexOf(search.toLowerCase())
  if (at < 0) return <span>{text}</span>
  return (
    <span>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + search.length)}</mark>
      {text.slice(at + search.length)}
    </span>
  )
}

function matching(
  lines: readonly string[],
  search: string
): readonly { readonly number: number; readonly text: string }[] {
  const numbered = lines.map((text, i) => ({ number: i + 1, text }))
  if (search === '') return numbered
  const wanted = search.toLowerCase()
  return numbered.filter(({ text }) => text.toLowerCase().includes(wanted))
}

/** A button that keeps text as a file. */
export function DownloadText(props: {
  readonly label: string
  readonly name: string
  readonly text: string
}) {
  const { label, name, text } = props
  return (
    <Button
      label={label}
      icon="download"
      size="small"
      tone="quiet"
      onClick={() => downloadPlain(name, text)}
    />
  )
}
