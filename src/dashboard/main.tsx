import { signal } from '@preact/signals'
import { type JSX, render } from 'preact'
import { openHttpSource } from './client/http-client.ts'
import { followLive } from './live.ts'
import { navigate, startNavigation } from './navigation.ts'
import { PAGES } from './pages.ts'
import { Loading, Problem } from './parts/states.tsx'
import { parseRoute } from './route.ts'
import { Shell } from './shell.tsx'
import type { About } from './source/answers.ts'
import { applyTheme } from './theme.ts'

const source = openHttpSource()
const about = signal<About | undefined>(undefined)
const failure = signal<unknown>(undefined)

function Application(): JSX.Element {
  if (failure.value !== undefined) return <Problem error={failure.value} onRetry={open} />
  if (about.value === undefined) return <Loading label="Opening" />
  return <Shell source={source} about={about.value} pages={PAGES} />
}

/** Learns what the source is; without an address, its first project is shown. */
async function open(): Promise<void> {
  failure.value = undefined
  try {
    const answer = await source.about()
    const { page, address } = parseRoute(location.hash)
    const only = answer.project ?? (answer.projects.length === 1 ? answer.projects[0] : undefined)
    if (page === 'projects' && address === '' && location.hash === '' && only !== undefined) {
      navigate({ page: 'project', address: only }, { replace: true })
    }
    about.value = answer
    followLive(source)
  } catch (error) {
    failure.value = error
  }
}

applyTheme()
startNavigation()
render(<Application />, document.getElementById('app') as HTMLElement)
void open()
