import type { JSX } from 'preact'
import { changeParams } from '../navigation.ts'
import { InnerTabs } from '../parts/inner-tabs.tsx'
import { Show, wayUp } from '../parts/states.tsx'
import { CodeTab } from '../run/code-tab.tsx'
import { FilesTab } from '../run/files-tab.tsx'
import { HistoryTab } from '../run/history-tab.tsx'
import { LogTab } from '../run/log-tab.tsx'
import { Overview } from '../run/overview.tsx'
import { ResultsTab } from '../run/results-tab.tsx'
import { runActions } from '../run/run-actions.ts'
import { RunHead } from '../run/run-head.tsx'
import { type RunTab, runTabs } from '../run/run-tabs.ts'
import type { RunView } from '../run/run-view.ts'
import { axisOf } from '../run/series-charts.tsx'
import { useRun } from '../run/use-run.ts'
import { useSeriesAhead } from '../run/use-series.ts'
import type { PageProps } from '../shell.tsx'

/** A run: how it stands and what it came to, what was wrong, and how it can be reproduced. */
export function RunPage({ source, route, about }: PageProps): JSX.Element {
  const { loaded, live } = useRun(source, route.address)
  const { writable: isWritable, way } = about
  const isOverview = (route.params.tab ?? 'overview') === 'overview'
  useSeriesAhead(source, route.address, isOverview ? axisOf(route.params) : undefined)
  return (
    <div class="page run-page">
      <Show loaded={loaded} lines={12} wayOut={wayUp(route.address)}>
        {(answer) => {
          const actions = runActions(source, answer, loaded.reload)
          const view: RunView = { source, answer, live, params: route.params, isWritable, actions }
          return (
            <>
              <RunHead
                answer={answer}
                live={live}
                way={way}
                isWritable={isWritable}
                actions={actions}
              />
              {answer.problems.map(({ message, hint }, i) => (
                <p class="banner bad" role="alert" key={i}>
                  {message} {hint}
                </p>
              ))}
              <InnerTabs
                label="Parts of the run"
                tabs={runTabs(answer)}
                current={route.params.tab}
                onPick={(tab) => changeParams({ tab: tab === 'overview' ? undefined : tab })}
              >
                {(tab) => <TabContent tab={tab} view={view} />}
              </InnerTabs>
            </>
          )
        }}
      </Show>
    </div>
  )
}

function TabContent({ tab, view }: { readonly tab: RunTab; readonly view: RunView }): JSX.Element {
  switch (tab) {
    case 'overview':
      return <Overview view={view} />
    case 'results':
      return <ResultsTab view={view} />
    case 'log':
      return <LogTab view={view} />
    case 'files':
      return <FilesTab view={view} />
    case 'code':
      return <CodeTab view={view} />
    case 'history':
      return <HistoryTab view={view} />
  }
}
