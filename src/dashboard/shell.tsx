import type { ComponentType, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Boundary } from './boundary.tsx'
import { GiveToken } from './give-token.tsx'
import { liveAnswer, lostConnection } from './live.ts'
import { currentRoute } from './navigation.ts'
import { Button } from './parts/button.tsx'
import { HelpButton } from './parts/help-button.tsx'
import { Icon, type IconName, Mark } from './parts/icon.tsx'
import { Badge } from './parts/labels.tsx'
import { Link } from './parts/link.tsx'
import { workCount } from './parts/load.ts'
import { Problem, wayUp } from './parts/states.tsx'
import { formatMoment } from './parts/text.ts'
import { Toasts } from './parts/toast.tsx'
import { type PageName, partsOfAddress, type Route } from './route.ts'
import type { About } from './source/answers.ts'
import type { Source } from './source/source.ts'
import { theme, turnTheme } from './theme.ts'

/** What each page is given. */
export interface PageProps {
  readonly source: Source
  readonly route: Route
  readonly about: About
}

/** The pages that there are. */
export type Pages = { readonly [name in PageName]?: ComponentType<PageProps> }

/** The frame around all pages: where one is, what else there is, and whether the source answers. */
export function Shell(props: {
  readonly source: Source
  readonly about: About
  readonly pages: Pages
  /** Told of another source that is to be shown. */
  readonly onSource: (source: Source) => Promise<void>
}): JSX.Element {
  const { source, about, pages, onSource } = props
  const route = currentRoute.value
  const Page = (route.page === 'unknown' ? undefined : pages[route.page]) ?? UnknownPage
  const main = useRef<HTMLElement>(null)
  const place = `${route.page} ${route.address}`
  useEffect(() => {
    document.title = titleOf(route)
    main.current?.scrollTo(0, 0)
  }, [place])
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <BusyLine />
      <header class="topbar">
        <Link to={{ page: 'projects' }} class="brand" title="All projects">
          <Mark />
          <span>Runtree</span>
        </Link>
        <Crumbs route={route} />
        <div class="topbar-end">
          <LiveBadge />
          {about.writable ? null : (
            <Badge title={about.readOnlyReason}>
              {about.way === 'report' ? 'report' : 'read-only'}
            </Badge>
          )}
          <HelpButton />
          {about.wantsToken === true ? <GiveToken onSource={onSource} /> : null}
          <ThemeButton />
        </div>
      </header>
      <Tabs route={route} pages={pages} />
      <main id="main" ref={main} class="main" tabIndex={-1}>
        {lostConnection.value === undefined ? null : (
          <p class="banner bad" role="status">
            <Icon name="offline" />
            <span class="banner-text">
              {lostConnection.value} What you see is the last that was known.
            </span>
          </p>
        )}
        <ReportNote about={about} />
        <Boundary key={place}>
          <Page source={source} route={route} about={about} />
        </Boundary>
      </main>
      <Toasts />
    </div>
  )
}

/** Of an address that names no page. */
function UnknownPage({ route }: PageProps): JSX.Element {
  const error = {
    code: 'STORE_NOT_FOUND',
    message: `“${route.params.path ?? route.page}” is no page of the dashboard.`,
    hint: 'The address may be cut off, or come from another version of Runtree.'
  }
  return <Problem error={error} wayOut={wayUp('')} />
}

function BusyLine(): JSX.Element | null {
  return workCount.value > 0 ? <div class="busy-line" /> : null
}

/** Says of a report when it was made, and what it leaves out. */
function ReportNote({ about: { made, omitted = [] } }: { readonly about: About }) {
  if (made === undefined) return null
  return (
    <details class="banner report-note">
      <summary>
        A report of {formatMoment(made)}: what happened later is not in it
        {omitted.length === 0 ? '.' : ', and some of what was there is left out.'}
      </summary>
      {omitted.length === 0 ? (
        <p>Nothing of the runs in it is left out.</p>
      ) : (
        <ul>
          {omitted.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </details>
  )
}

function titleOf({ page, address }: Route): string {
  const name = address.split('/').at(-1) ?? ''
  const what = {
    unknown: 'Nothing',
    projects: 'Projects',
    project: '',
    runs: 'Runs',
    run: '',
    compare: 'Compare',
    sync: 'Sync'
  }
  return [name, what[page], 'Runtree'].filter((part) => part !== '').join(' · ')
}

function Crumbs({ route }: { readonly route: Route }): JSX.Element {
  const { project, experiment, run } = partsOfAddress(route.address)
  const pages: readonly PageName[] = ['project', 'runs', 'run']
  const names = [project, experiment, run].filter((name) => name !== undefined)
  return (
    <nav class="crumbs" aria-label="Where you are">
      <ol>
        {names.map((name, index) => (
          <li key={index}>
            <Link
              to={{ page: pages[index] as PageName, address: names.slice(0, index + 1).join('/') }}
              current={index === names.length - 1}
            >
              {name}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Tabs(props: { readonly route: Route; readonly pages: Pages }): JSX.Element {
  const { route, pages } = props
  const { project, experiment } = partsOfAddress(route.address)
  if (project === undefined) return <div />
  const shown = route.page === 'run' ? 'runs' : route.page
  const below = experiment === undefined ? project : `${project}/${experiment}`
  const tabs: readonly (readonly [PageName, string, IconName, string])[] = [
    ['project', 'Overview', 'folder', project],
    ['runs', 'Runs', 'table', below],
    ['compare', 'Compare', 'compare', below],
    ['sync', 'Sync', 'sync', project]
  ]
  return (
    <nav class="tabs" aria-label="Pages">
      {tabs
        .filter(([page]) => pages[page] !== undefined)
        .map(([page, label, icon, address]) => (
          <Link key={page} to={{ page, address }} current={page === shown}>
            <Icon name={icon} />
            {label}
          </Link>
        ))}
    </nav>
  )
}

function LiveBadge(): JSX.Element | null {
  const runs = liveAnswer.value?.runs ?? []
  if (runs.length === 0) return null
  const { project } = partsOfAddress(currentRoute.value.address)
  return (
    <Link
      to={{ page: 'runs', address: project ?? '', params: { filter: 'status = running' } }}
      class="badge busy"
      title="Runs in progress"
    >
      <span class="dot busy" /> {runs.length} running
    </Link>
  )
}

function ThemeButton(): JSX.Element {
  const icon = ({ auto: 'system', light: 'sun', dark: 'moon' } as const)[theme.value]
  const label = `Colours: ${theme.value === 'auto' ? 'as the system' : theme.value}`
  return <Button label={label} icon={icon} iconOnly tone="quiet" onClick={turnTheme} />
}
