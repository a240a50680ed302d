import { signal } from '@preact/signals'

const query = matchMedia('(max-width: 720px)')

/** Whether the window is as narrow as a phone's. */
export const isNarrow = signal(query.matches)

query.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches
})
