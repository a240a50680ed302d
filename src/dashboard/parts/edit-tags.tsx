import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import { showFailure } from './toast.tsx'

/** Tags that are added and taken away in their place. */
export function EditTags(props: {
  readonly tags: readonly string[]
  readonly isEditable: boolean
  readonly onAdd: (tag: string) => Promise<void>
  readonly onRemove: (tag: string) => Promise<void>
}) {
  const [isAdding, setAdding] = useState(false)
  const [text, setText] = useState('')
  const box = useRef<HTMLSpanElement>(null)
  const isKeyboard = useRef(false)
  const isGivenUp = useRef(false)
  useLayoutEffect(() => {
    if (isAdding || !isKeyboard.current) return
    isKeyboard.current = false
    box.current?.querySelector<HTMLElement>(':scope > button')?.focus()
  }, [isAdding])
  const add = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!isAdding || isGivenUp.current) return
    isKeyboard.current = event.type === 'submit'
    const tag = text.trim()
    setText('')
    setAdding(false)
    if (tag !== '' && !props.tags.includes(tag)) await props.onAdd(tag).catch(showFailure)
  }
  return (
    <span class="tags edit-tags" ref={box}>
      {props.tags.map((tag) => (
        <span class="tag" key={tag} title={tag}>
          <span>{tag}</span>
          {props.isEditable ? (
            <button
              type="button"
              aria-label={`Remove tag ${tag}`}
              onClick={() => props.onRemove(tag).catch(showFailure)}
            >
              <Icon name="close" />
            </button>
          ) : null}
        </span>
      ))}
      {props.isEditable && !isAdding ? (
        <Button
          label="Tag"
          icon="plus"
          size="small"
          tone="quiet"
          title="Add a tag"
          onClick={() => {
            isGivenUp.current = false
            setAdding(true)
          }}
        />
      ) : null}
      {isAdding ? (
        <form onSubmit={add}>
          <input
            class="input tag-input"
            aria-label="New tag"
            placeholder="New tag"
            ref={(field) => field?.focus()}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              isGivenUp.current = true
              isKeyboard.current = true
              setText('')
              setAdding(false)
            }}
            onBlur={add}
          />
        </form>
      ) : null}
    </span>
  )
}
