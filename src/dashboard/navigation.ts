import { type ReadonlySignal, signal } from '@preact/signals'
import { formatRoute, parseRoute, type Route, type RouteInput, withParams } from './route.ts'

const current = signal<Route>(parseRoute(''))

/** What is shown now. */
export const currentRoute: ReadonlySignal<Route> = current

/** Follows the address bar from now on. */
export function startNavigation(): void {
  readAddress()
  addEventListener('hashchange', readAddress)
  addEventListener('popstate', readAddress)
}

/** Shows what the address bar says. */
export function readAddress(): void {
  const next = parseRoute(location.hash)
  if (formatRoute(next) !== formatRoute(current.value)) current.value = next
}

/** Shows something else. `replace`: without a step in the browser's history. Default: false. */
export function navigate(to: RouteInput, options: { readonly replace?: boolean } = {}): void {
  const hash = formatRoute(to)
  if (hash === formatRoute(current.value)) return
  if (options.replace === true) history.replaceState(null, '', hash)
  else history.pushState(null, '', hash)
  current.value = parseRoute(hash)
}

/** Changes parameters of what is shown; an empty or absent value ends one. */
export function changeParams(
  changes: { readonly [name: string]: string | undefined },
  options: { readonly replace?: boolean } = {}
): void {
  navigate(withParams(current.value, changes), options)
}
