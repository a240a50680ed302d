import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** What may be wider than its place scrolls sideways, and can be reached with the keyboard as long as it does. */
export function ScrollX({ children }: { readonly children: ComponentChildren }) {
  const frame = useRef<HTMLDivElement>(null)
  const [isWider, setWider] = useState(false)
  useEffect(() => {
    const place = frame.current as HTMLDivElement
    const look = (): void => setWider(place.scrollWidth > place.clientWidth + 1)
    const observer = new ResizeObserver(look)
    observer.observe(place)
    if (place.firstElementChild !== null) observer.observe(place.firstElementChild)
    return () => observer.disconnect()
  }, [])
  return (
    <div class="scroll-x" ref={frame} {...(isWider && { tabIndex: 0 })}>
      {children}
    </div>
  )
}
