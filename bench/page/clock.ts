import type { Clock, Painted } from '../dashboard/clock.ts'

let acted = 0
let asked = 0
let answered = 0
let change: Promise<Painted> | undefined

for (const type of ['keydown', 'input', 'click']) {
  addEventListener(
    type,
    (event) => {
      acted = event.timeStamp
    },
    { capture: true }
  )
}

const ask = globalThis.fetch
globalThis.fetch = async (...args) => {
  const isWatched = /api\/(find|series)$/.test(String(args[0]))
  if (isWatched) asked = performance.now()
  const response = await ask(...args)
  if (isWatched) answered = performance.now()
  return response
}

const PATIENCE_MS = 180_000

/** Resolves at the first paint with which a test holds. */
function whenPainted(test: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new TypeError(`Not shown: ${document.body.textContent}`)), PATIENCE_MS)
    const look = (): void => {
      if (!test()) return
      observer.disconnect()
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => resolve(performance.now())
        port2.postMessage(undefined)
      })
    }
    const observer = new MutationObserver(look)
    const observed = { subtree: true, childList: true, characterData: true, attributes: true }
    observer.observe(document, observed)
    look()
  })
}

const textOf = (selector: string): string =>
  [...document.querySelectorAll(selector)].map((element) => element.textContent).join('\n')

const clock: Clock = {
  shown: (wanted) =>
    whenPainted(() =>
      Object.entries(wanted).every(([selector, pattern]) =>
        new RegExp(pattern).test(textOf(selector))
      )
    ),
  watch(selector) {
    const look = (): string => `${document.querySelectorAll(selector).length}${textOf(selector)}`
    const before = look()
    change = whenPainted(() => look() !== before).then((now) => ({
      ms: now - acted,
      askedMs: now - asked,
      answeredMs: now - answered
    }))
  },
  changed: () => change as Promise<Painted>,
  async scroll(selector, ms) {
    const longTasks: number[] = []
    const observer = new PerformanceObserver((list) => {
      longTasks.push(...list.getEntries().map(({ duration }) => duration))
    })
    observer.observe({ type: 'longtask' })
    const element = document.querySelector(selector) as HTMLElement
    const until = performance.now() + ms
    let frames = 0
    while (performance.now() < until) {
      await new Promise(requestAnimationFrame)
      // Now and then one drags the bar.
      const far = frames % 50 === 49 ? element.scrollHeight / 20 : 300
      element.scrollTop = (element.scrollTop + far) % element.scrollHeight
      frames++
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    observer.disconnect()
    return { frames, longTasks }
  }
}

Object.assign(globalThis, { clock })
