import type { ChartRange } from './chart-line.ts'

/** What fingers on a plot are told about, and ask for. */
export interface TouchedPlot {
  /** What lies at a place, in pixels from the plot's left; of a logarithmic axis the logarithm. */
  placeAt(left: number): number
  /** How many pixels the plot is wide. */
  readonly width: number
  /** One finger: reads the points at a place. */
  read(left: number, top: number): void
  /** Two fingers: shows a part for the time being, in places; then for good. */
  show(range: ChartRange, isDone: boolean): void
  /** Two taps: shows all. */
  showAll(): void
}

interface Finger {
  left: number
  top: number
}

/** Two taps are one after the other within so long. */
const DOUBLE_TAP_MS = 320

/** Lets fingers read a plot (one), zoom and move it (two), and show all of it (two taps). Returns what ends that. */
export function followFingers(element: HTMLElement, plot: TouchedPlot): () => void {
  const fingers = new Map<number, Finger>()
  let held: readonly [number, number] | undefined
  let shown: ChartRange | undefined
  let [tapMs, isStill] = [0, true]
  const fingerOf = ({ clientX, clientY }: PointerEvent): Finger => {
    const { left, top } = element.getBoundingClientRect()
    return { left: clientX - left, top: clientY - top }
  }
  const down = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') return
    fingers.set(event.pointerId, fingerOf(event))
    const [first, second] = [...fingers.values()]
    isStill = second === undefined
    if (first === undefined || second === undefined) return
    held = [plot.placeAt(first.left), plot.placeAt(second.left)]
  }
  const move = (event: PointerEvent): void => {
    const finger = fingers.get(event.pointerId)
    if (finger === undefined) return
    const next = fingerOf(event)
    if (Math.hypot(next.left - finger.left, next.top - finger.top) > 6) isStill = false
    if (held === undefined && isStill) return
    fingers.set(event.pointerId, next)
    if (held === undefined) {
      plot.read(next.left, next.top)
      return
    }
    const [first, second] = [...fingers.values()] as [Finger, Finger]
    const range = rangeUnder(held, [first.left, second.left], plot.width)
    if (range === undefined) return
    shown = range
    plot.show(range, false)
  }
  const up = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return
    if (held !== undefined) {
      if (fingers.size < 2) held = undefined
      if (shown !== undefined) plot.show(shown, true)
      shown = undefined
    } else if (isStill && event.type === 'pointerup') {
      if (event.timeStamp - tapMs < DOUBLE_TAP_MS) plot.showAll()
      tapMs = event.timeStamp
    }
  }
  const controller = new AbortController()
  const { signal } = controller
  element.addEventListener('pointerdown', down, { signal })
  element.addEventListener('pointermove', move, { signal })
  element.addEventListener('pointerup', up, { signal })
  element.addEventListener('pointercancel', up, { signal })
  return () => controller.abort()
}

/** Returns the range in which the places that two fingers hold are under them. */
function rangeUnder(
  [a, b]: readonly [number, number],
  [left, right]: readonly [number, number],
  width: number
): ChartRange | undefined {
  const perPixel = (b - a) / (right - left)
  if (!Number.isFinite(perPixel) || perPixel <= 0) return undefined
  const min = a - left * perPixel
  return { min, max: min + width * perPixel }
}
