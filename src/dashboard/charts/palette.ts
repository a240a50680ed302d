/** How many colours there are for lines. */
export const COLOR_COUNT = 8

/** The colours of a chart, as a canvas takes them. */
export interface Palette {
  readonly lines: readonly string[]
  readonly text: string
  readonly grid: string
}

/** Reads the colours that the style sheet gives to charts below an element. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span')
  // A colour on its way to another, however short, would be read as the one before.
  probe.style.transitionProperty = 'none'
  element.append(probe)
  const read = (name: string): string => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const lines = Array.from({ length: COLOR_COUNT }, (_, i) => read(`--series-${i + 1}`))
  const palette = { lines, text: read('--ink-2'), grid: read('--line') }
  probe.remove()
  return palette
}

/** Calls back when light and dark change; returns what ends that. */
export function watchTheme(onChange: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)')
  media.addEventListener('change', onChange)
  const observer = new MutationObserver(onChange)
  observer.observe(document.documentElement, { attributes: true })
  return () => {
    media.removeEventListener('change', onChange)
    observer.disconnect()
  }
}
