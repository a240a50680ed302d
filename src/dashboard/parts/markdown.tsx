import { useEffect, useRef, useState } from 'preact/hooks'

/** Reads a picture that lies beside the text; `undefined` if there is none. */
export type ReadPicture = (path: string) => Promise<Blob | undefined>

/** Shows Markdown, anybody's; as plain text until what renders it has come. */
export function Markdown({
  text,
  readPicture
}: {
  readonly text: string
  /** Default: pictures beside the text are not shown. */
  readonly readPicture?: ReadPicture
}) {
  const box = useRef<HTMLDivElement>(null)
  const [isPlain, setPlain] = useState(true)
  useEffect(() => {
    let isGone = false
    const addresses: string[] = []
    const show = async (): Promise<void> => {
      const { renderMarkdown } = await import('./sanitize.ts')
      if (isGone || box.current === null) return
      const rendered = renderMarkdown(text)
      const images = [...rendered.querySelectorAll<HTMLImageElement>('img[data-path]')]
      box.current.replaceChildren(rendered)
      setPlain(false)
      await Promise.all(
        images.map(async (image) => {
          const blob = await readPicture?.(image.dataset.path ?? '').catch(() => undefined)
          if (blob === undefined) return image.replaceWith(image.alt || (image.dataset.path ?? ''))
          if (isGone) return
          const address = URL.createObjectURL(blob)
          addresses.push(address)
          image.src = address
        })
      )
    }
    void show()
    return () => {
      isGone = true
      for (const address of addresses) URL.revokeObjectURL(address)
    }
  }, [text, readPicture])
  return (
    <>
      {isPlain ? <div class="markdown plain">{text}</div> : null}
      <div ref={box} class="markdown" hidden={isPlain} />
    </>
  )
}
