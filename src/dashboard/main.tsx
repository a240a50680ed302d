import './start.ts'

import { signal } from '@preact/signals'
import { type JSX, render } from 'preact'
import { followLive } from './live.ts'
import { navigate, readAddress, startNavigation } from './navigation.ts'
import { Opening } from './opening.tsx'
import { loadAhead, loadAllAhead, loadNextAhead, PAGES } from './pages.ts'
import { whenQuiet } from './parts/load.ts'
import { parseRoute } from './route.ts'
import { Shell } from './shell.tsx'
import type { About } from './source/answers.ts'
import type { Source } from './source/source.ts'
import { applyTheme } from './theme.ts'

/** How long the page that is shown must have all that it asked for before what is looked at next is loaded. */
const NEXT_MS = 300
/** When the other pages are loaded: the one that is shown, and its data, come first. */
const QUIET_MS = 5000
/** The same where they come from this machine. */
const LOCAL_QUIET_MS = 1000

const opened = signal<{ readonly source: Source; readonly about: About } | undefined>(undefined)

function Application(): JSX.Element {
  if (opened.value === undefined) return <Opening onOpen={start} />
  return <Shell {...opened.value} pages={PAGES} onSource={replace} />
}

/** Learns what the source is; without an address, its first project is shown. */
async function start(source: Source): Promise<void> {
  const about = await source.about()
  // A token may have stood there.
  readAddress()
  const { page, address } = parseRoute(location.hash)
  const only = about.project ?? (about.projects.length === 1 ? about.projects[0] : undefined)
  if (page === 'projects' && address === '' && location.hash === '' && only !== undefined) {
    navigate({ page: 'project', address: only }, { replace: true })
  }
  show(source, about)
}

let endLive: (() => void) | undefined

/** Shows what a source has, in place of another. */
function show(source: Source, about: About): void {
  endLive?.()
  opened.value = { source, about }
  endLive = followLive(source)
  void whenQuiet(NEXT_MS).then(loadNextAhead)
  setTimeout(() => void loadAllAhead(), about.way === 'local' ? LOCAL_QUIET_MS : QUIET_MS)
}

async function replace(source: Source): Promise<void> {
  show(source, await source.about())
}

applyTheme()
startNavigation()
// It comes while the source is opened.
if (location.hash.startsWith('#/')) loadAhead(parseRoute(location.hash).page)
render(<Application />, document.getElementById('app') as HTMLElement)
