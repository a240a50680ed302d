import type { JSX } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { parseFilter } from '../../service/query.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { isNarrow } from '../parts/media.ts'
import type { FieldsAnswer } from '../source/answers.ts'
import { type FilterPlace, placeInFilter, type Suggestion, suggest } from './completion.ts'
import { FilterProblem } from './filter-problem.tsx'

/** So long after the last key a filter is applied, and a mistake is shown. */
const APPLY_MS = 60
const TELL_MS = 700

const PLACEHOLDER = 'Filter: metrics.accuracy > 0.9 and status = finished'

/** Where the question about the runs is written, with completion. */
export function FilterInput(props: {
  readonly filter: string
  readonly fields: FieldsAnswer
  /** What the source says against the filter. */
  readonly error: unknown
  readonly valuesOf: (field: string) => Promise<readonly string[]>
  readonly onFilter: (filter: string) => void
}): JSX.Element {
  const { filter, fields, onFilter } = props
  const [text, setText] = useState(filter)
  const [mistake, setMistake] = useState<unknown>(() => mistakeIn(filter))
  const input = useRef<HTMLInputElement>(null)
  const timer = useRef(0)
  const caret = useRef<number | undefined>(undefined)
  const applied = useRef(filter)
  const problemId = useId()
  useEffect(() => {
    if (filter === applied.current) return
    applied.current = filter
    setText(filter)
    setMistake(mistakeIn(filter))
  }, [filter])
  const apply = (value: string): void => {
    clearTimeout(timer.current)
    const wrong = mistakeIn(value)
    setMistake(wrong)
    if (wrong !== undefined || value.trim() === applied.current) return
    applied.current = value.trim()
    onFilter(value.trim())
  }
  const write = (value: string): void => {
    setText(value)
    clearTimeout(timer.current)
    const wrong = mistakeIn(value)
    if (wrong === undefined) setMistake(undefined)
    timer.current = window.setTimeout(apply, wrong === undefined ? APPLY_MS : TELL_MS, value)
  }
  const completion = useCompletion(text, fields, props.valuesOf)
  const take = (suggestion: Suggestion): void => {
    const { place } = completion
    const end = place.start + place.word.length
    const before = text.slice(0, place.start) + suggestion.text + suggestion.after
    const rest = text.slice(end)
    write(before + (suggestion.after === ' ' ? rest.replace(/^ /, '') : rest))
    caret.current = before.length
  }
  useLayoutEffect(() => {
    // Before the next key is read, so that it lands behind the word.
    const at = caret.current
    if (at === undefined) return
    caret.current = undefined
    input.current?.focus()
    input.current?.setSelectionRange(at, at)
    completion.look(input.current, at)
  })
  const { list, active } = completion
  const said = mistake ?? (text.trim() === filter ? props.error : undefined)
  // Whoever is still completing a word knows that it isn't done.
  const shown = list.length > 0 ? undefined : said
  return (
    <div class="filter">
      <div class="filter-box">
        <Icon name="filter" />
        <input
          ref={input}
          class="filter-input mono"
          type="text"
          role="combobox"
          aria-label="Filter"
          aria-autocomplete="list"
          aria-expanded={list.length > 0}
          aria-controls={`${problemId}-list`}
          aria-activedescendant={active < 0 ? undefined : `${problemId}-${active}`}
          aria-invalid={shown !== undefined}
          aria-describedby={shown === undefined ? undefined : problemId}
          placeholder={isNarrow.value ? 'Filter: accuracy > 0.9' : PLACEHOLDER}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          value={text}
          onInput={(event) => {
            write(event.currentTarget.value)
            completion.look(event.currentTarget)
          }}
          onFocus={(event) => completion.look(event.currentTarget)}
          onClick={(event) => completion.look(event.currentTarget)}
          onBlur={() => {
            completion.close()
            apply(text)
          }}
          onKeyDown={(event) => {
            const chosen = completion.onKey(event)
            if (chosen !== undefined) take(chosen)
            else if (event.key === 'Enter') {
              completion.close()
              apply(text)
            }
          }}
        />
        {text === '' ? (
          <span class="key" aria-hidden="true">
            /
          </span>
        ) : (
          <Button
            label="Clear the filter"
            icon="close"
            iconOnly
            tone="quiet"
            size="small"
            onClick={() => {
              setText('')
              apply('')
              input.current?.focus()
            }}
          />
        )}
      </div>
      <ul
        id={`${problemId}-list`}
        class="completions"
        role="listbox"
        aria-label="Completions"
        hidden={list.length === 0}
      >
        {list.map((suggestion, index) => (
          <li
            key={suggestion.text}
            id={`${problemId}-${index}`}
            role="option"
            aria-selected={index === active}
            onPointerDown={(event) => {
              event.preventDefault()
              take(suggestion)
            }}
          >
            <code>{suggestion.text}</code>
            <span>{suggestion.hint}</span>
          </li>
        ))}
      </ul>
      {shown === undefined ? null : <FilterProblem error={shown} id={problemId} />}
    </div>
  )
}

function mistakeIn(text: string): unknown {
  try {
    parseFilter(text)
    return undefined
  } catch (error) {
    return error
  }
}

/** What can be completed, and which of it is chosen. */
interface Completion {
  readonly place: FilterPlace
  readonly list: readonly Suggestion[]
  readonly active: number
  look(input: HTMLInputElement | null, cursor?: number): void
  close(): void
  /** Returns the suggestion that a key takes. */
  onKey(event: KeyboardEvent): Suggestion | undefined
}

function useCompletion(
  text: string,
  fields: FieldsAnswer,
  valuesOf: (field: string) => Promise<readonly string[]>
): Completion {
  const [cursor, setCursor] = useState<number>()
  const [active, setActive] = useState(-1)
  const [values, setValues] = useState<readonly string[]>([])
  const place = placeInFilter(text, cursor ?? text.length)
  const wanted = cursor !== undefined && place.expected === 'value' ? place.field : undefined
  useEffect(() => {
    setValues([])
    if (wanted === undefined) return
    let isGone = false
    void valuesOf(wanted).then((found) => isGone || setValues(found))
    return () => {
      isGone = true
    }
  }, [wanted])
  const list = cursor === undefined ? [] : suggest(place, fields, values)
  const close = (): void => {
    setCursor(undefined)
    setActive(-1)
  }
  return {
    place,
    list,
    active: Math.min(active, list.length - 1),
    close,
    look: (input, at) => {
      setCursor(at ?? input?.selectionStart ?? undefined)
      setActive(-1)
    },
    onKey: (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
      if (step !== undefined && list.length > 0) {
        event.preventDefault()
        const next = active + step
        setActive(next < -1 ? list.length - 1 : next >= list.length ? -1 : next)
      } else if (event.key === 'Escape' && list.length > 0) close()
      else if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) close()
      else if (event.key === 'Enter' || event.key === 'Tab') {
        const chosen =
          list[active] ?? (event.key === 'Tab' && place.word !== '' ? list[0] : undefined)
        if (chosen !== undefined) event.preventDefault()
        return chosen
      }
      return undefined
    }
  }
}
