import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks'

/** The rows that are in sight. */
export interface VirtualRows {
  readonly items: readonly { readonly index: number; readonly start: number }[]
  /** Height of all rows together. */
  readonly height: number
  scrollTo(index: number): void
}

/** Draws only those rows of a scrolling element that are in sight. */
export function useVirtualRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number
): VirtualRows {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0)
  const held = useRef<Virtualizer<HTMLElement, HTMLElement> | undefined>(undefined)
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    // The first rows are drawn with what they lie in, before it is known how large that is.
    initialRect: { width: innerWidth, height: innerHeight },
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: 6,
    onChange: () => redraw(undefined)
  }
  held.current ??= new Virtualizer<HTMLElement, HTMLElement>(options)
  const virtualizer = held.current
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [])
  useLayoutEffect(() => virtualizer._willUpdate())
  useEffect(() => virtualizer.measure(), [rowHeight])
  return {
    items: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' })
  }
}
