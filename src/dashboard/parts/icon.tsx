import type { JSX } from 'preact'

/** Strokes on a field of 16 by 16. */
const PATHS = {
  alert: 'M8 2.2 14.4 13.4H1.6ZM8 6.4v3.2M8 11.4v.1',
  arrowDown: 'M8 3v10M4 9.2 8 13l4-3.8',
  arrowUp: 'M8 13V3M4 6.8 8 3l4 3.8',
  bookmark: 'M4 2.5h8v11l-4-3-4 3Z',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  chevronDown: 'm4 6 4 4 4-4',
  chevronRight: 'm6 4 4 4-4 4',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.6',
  close: 'm4 4 8 8M12 4l-8 8',
  columns: 'M2.5 3h11v10h-11ZM6.2 3v10M9.8 3v10',
  compare: 'M6 3H2.5v10H6M10 3h3.5v10H10M8 1.8v12.4',
  copy: 'M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3',
  dots: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  download: 'M8 2.5v7.5M4.8 7.2 8 10.2l3.2-3M2.8 13.5h10.4',
  edit: 'm10.6 2.8 2.6 2.6-7.6 7.6-3.1.5.5-3.1ZM9 4.4 11.6 7',
  experiment: 'M6 2h4M6.8 2v4.2L3 13.2c-.3.5 0 .8.5.8h9c.5 0 .8-.3.5-.8L9.2 6.200V2M4.8 10h6.4',
  eyeOff:
    'M2 2l12 12M6.2 4.2A6.6 6.6 0 0 1 8 4c3.2 0 5.2 2.3 6 4a8 8 0 0 1-1.6 2.200M4.2 5.200A8.4 8.4 0 0 0 2 8c.8 1.7 2.8 4 6 4a6.4 6.4 0 0 0 2.8-.6',
  filter: 'M2.5 3.500h11L9.3 8.400v3.800l-2.6 1.300V8.400Z',
  folder:
    'M2 4.200c0-.5.3-.7.7-.7h3.500l1.4 1.500h5.700c.4 0 .7.3.7.7v6.600c0 .4-.3.7-.7.7H2.700c-.4 0-.7-.3-.7-.7Z',
  group: 'M2.5 3.500h11M5 8h8.500M5 12.500h8.500M2.5 8h.01M2.5 12.500h.01',
  help: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM6.2 6.400a1.8 1.8 0 1 1 2.600 1.600c-.5.3-.8.6-.8 1.100M8 11.300v.01',
  inbox: 'M2.5 9 4 3h8l1.5 6v4h-11ZM2.5 9h3.200l.8 1.600h3L10.3 9h3.2',
  moon: 'M13.4 9.700A5.8 5.8 0 0 1 6.3 2.600a5.8 5.8 0 1 0 7.1 7.100Z',
  note: 'M3.5 2.500h9v11h-9ZM5.8 5.500h4.400M5.8 8h4.400M5.8 10.500h2.4',
  offline:
    'M2 2l12 12M4 8.500a6 6 0 0 1 2.4-1.700M9.4 6.700A6 6 0 0 1 12 8.500M6 10.700a3 3 0 0 1 4 0M8 13h.01M1.8 6.200a9 9 0 0 1 2.5-1.700M7 3.400a9.2 9.2 0 0 1 7.2 2.8',
  palette: 'M3 12.500h10M3 9.500h7M3 6.500h4M3 3.500h2',
  pin: 'M6 2.500h4l-.5 4.5 2.2 2.300H4.300L6.5 7ZM8 9.300v4.4',
  play: 'M5 3.2 12.2 8 5 12.800Z',
  plus: 'M8 3v10M3 8h10',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.700M13 2v3h-3',
  search: 'M7 2.500a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.300l3.2 3.2',
  sun: 'M8 5.200a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.600ZM8 1.500v1.200M8 13.300v1.200M1.5 8h1.200M13.3 8h1.200M3.4 3.400l.9.9M11.7 11.700l.9.9M3.4 12.600l.9-.9M11.7 4.300l.9-.9',
  sync: 'M3 6.500A5.3 5.3 0 0 1 12.6 5M13 2.500V5h-2.500M13 9.500A5.3 5.3 0 0 1 3.4 11M3 13.500V11h2.5',
  system: 'M2.5 3h11v7.500h-11ZM6 13.500h4M8 10.500v3',
  table: 'M2.5 3h11v10h-11ZM2.5 6.300h11M2.5 9.600h11M6.2 6.300V13',
  tag: 'M2.5 2.500h5.200l5.8 5.8-5.2 5.2-5.8-5.800ZM5.3 5.300h.01',
  trash: 'M3 4.500h10M6.5 4.500v-2h3v2M4.3 4.500l.6 9h6.200l.6-9M6.8 7v4M9.2 7v4'
} as const

export type IconName = keyof typeof PATHS

/** A small picture beside words; it says nothing to a screen reader. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor">
      <path d={PATHS[name]} stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  )
}

/** The mark: a tree of three runs. */
export function Mark(): JSX.Element {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2">
      <path
        d="M12 22V9M12 16c0-3.5 5.5-2.5 5.5-7M12 18.500C12 15 6.5 16 6.5 12"
        stroke-linecap="round"
      />
      <circle cx="12" cy="5" r="2.8" fill="currentColor" stroke="none" />
      <circle cx="17.6" cy="8" r="2.3" fill="currentColor" stroke="none" />
      <circle cx="6.5" cy="10.8" r="2.3" fill="currentColor" stroke="none" />
    </svg>
  )
}
