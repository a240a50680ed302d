import { effect, signal } from '@preact/signals'

/** `auto`: as the system wants it. */
export type Theme = 'auto' | 'light' | 'dark'

const THEMES: readonly Theme[] = ['auto', 'light', 'dark']
const KEY = 'runtree-theme'

/** The colours that the person wants. */
export const theme = signal<Theme>(readTheme())

/** Whether it is dark now; charts, which paint by themselves, follow it. */
export const isDark = signal(false)

const system = matchMedia('(prefers-color-scheme: dark)')

/** Puts the theme on the page and keeps it there. */
export function applyTheme(): void {
  const follow = (): void => {
    isDark.value = theme.value === 'dark' || (theme.value === 'auto' && system.matches)
  }
  system.addEventListener('change', follow)
  effect(() => {
    document.documentElement.dataset.theme = theme.value
    follow()
    keepTheme(theme.value)
  })
}

/** Goes on to the next theme. */
export function turnTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] as Theme
}

function readTheme(): Theme {
  try {
    return THEMES.find((known) => known === localStorage.getItem(KEY)) ?? 'auto'
  } catch {
    return 'auto'
  }
}

/** Remembers the theme where the browser lets us. */
function keepTheme(value: Theme): void {
  try {
    localStorage.setItem(KEY, value)
  } catch {
    // A private window forgets; nothing else depends on it.
  }
}
