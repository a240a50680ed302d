import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { CodeTab } from '../compare/code-tab.tsx'
import { CompareTable } from '../compare/compare-table.tsx'
import { readRuns, showRuns } from '../compare/compared-runs.ts'
import { RowsTab } from '../compare/rows-tab.tsx'
import { RunLabel } from '../compare/run-label.tsx'
import { RunPicker } from '../compare/run-picker.tsx'
import { ScatterTab } from '../compare/scatter-tab.tsx'
import { dataVersion } from '../live.ts'
import { changeParams } from '../navigation.ts'
import { Button } from '../parts/button.tsx'
import { InnerTabs } from '../parts/inner-tabs.tsx'
import { useLoad } from '../parts/load.ts'
import { Popover } from '../parts/popover.tsx'
import { Section } from '../parts/section.tsx'
import { Show } from '../parts/states.tsx'
import type { Route } from '../route.ts'
import { SeriesCharts } from '../run/series-charts.tsx'
import type { PageProps } from '../shell.tsx'
import type { Comparison } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

/** Runs beside each other: in what they differ, how they developed, and about which cases they disagree. */
export function ComparePage({ source, route }: PageProps): JSX.Element {
  const runs = readRuns(route.params.runs)
  return (
    <div class="page compare-page">
      {runs.length < 2 ? (
        <Start source={source} route={route} runs={runs} />
      ) : (
        <Compared source={source} route={route} runs={runs} />
      )}
    </div>
  )
}

interface ComparedProps {
  readonly source: Source
  readonly route: Route
  readonly runs: readonly string[]
}

function Start({ source, route, runs }: ComparedProps) {
  const [chosen, setChosen] = useState(runs)
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Compare</h1>
          <p>Choose two or more runs: what differs is shown, and what that did.</p>
        </div>
        <Button
          label={chosen.length < 2 ? 'Compare' : `Compare ${chosen.length} runs`}
          icon="compare"
          tone="primary"
          disabled={chosen.length < 2}
          onClick={() => showRuns(chosen)}
        />
      </div>
      <Section title="Runs" isWide>
        <RunPicker source={source} address={route.address} chosen={chosen} onChange={setChosen} />
      </Section>
    </>
  )
}

function Compared({ source, route, runs }: ComparedProps) {
  const comparison = useLoad(
    (signal) => source.compare({ runs }, { signal }),
    [source, runs.join(), dataVersion.value],
    { keep: true }
  )
  return (
    <>
      <div class="page-head">
        <h1>Compare {runs.length} runs</h1>
        <Popover label="Add or remove runs" icon="plus" title="Runs to compare">
          {() => (
            <RunPicker source={source} address={route.address} chosen={runs} onChange={showRuns} />
          )}
        </Popover>
      </div>
      <Show loaded={comparison} lines={10}>
        {(answer) => <Parts source={source} route={route} answer={answer} />}
      </Show>
    </>
  )
}

function Parts({
  source,
  route,
  answer
}: {
  readonly source: Source
  readonly route: Route
  readonly answer: Comparison
}) {
  const { params } = route
  const { runs } = answer
  const differing = answer.fields.filter(({ differs }) => differs).length
  return (
    <>
      <ul class="compared-runs">
        {runs.map((run, i) => (
          <li key={run.address} class="badge">
            <RunLabel run={run} color={i} />
            {i === 0 ? (
              <span class="muted">base</span>
            ) : (
              <Button
                label={`Compare the others with ${run.name ?? run.id}`}
                icon="pin"
                iconOnly
                size="small"
                tone="quiet"
                onClick={() =>
                  showRuns([run, ...runs.filter((r) => r !== run)].map((r) => r.address))
                }
              />
            )}
            <Button
              label={`Remove ${run.name ?? run.id}`}
              icon="close"
              iconOnly
              size="small"
              tone="quiet"
              onClick={() => showRuns(runs.filter((r) => r !== run).map((r) => r.address))}
            />
          </li>
        ))}
      </ul>
      <InnerTabs
        label="Parts of the comparison"
        tabs={[
          { id: 'fields', title: 'Fields', count: differing },
          { id: 'charts', title: 'Charts' },
          { id: 'scatter', title: 'Scatter' },
          { id: 'code', title: 'Code', count: changedFiles(answer) },
          { id: 'rows', title: 'Rows' }
        ]}
        current={params.tab}
        onPick={(tab) => changeParams({ tab: tab === 'fields' ? undefined : tab })}
      >
        {(tab) =>
          tab === 'fields' ? (
            <CompareTable comparison={answer} isAll={params.all !== undefined} />
          ) : tab === 'charts' ? (
            <SeriesCharts
              source={source}
              params={params}
              runs={runs.map(({ address, name, id, started }) => ({
                address,
                label: name ?? id,
                ...(started !== undefined && { startedMs: Date.parse(started) })
              }))}
            />
          ) : tab === 'scatter' ? (
            <ScatterTab
              source={source}
              address={route.address}
              runs={runs}
              fields={answer.fields}
              params={params}
            />
          ) : tab === 'code' ? (
            <CodeTab comparison={answer} />
          ) : (
            <RowsTab source={source} runs={runs} params={params} />
          )
        }
      </InnerTabs>
    </>
  )
}

function changedFiles({ code }: Comparison): number {
  return new Set(code.flatMap((difference) => difference?.files.map(({ path }) => path) ?? [])).size
}
