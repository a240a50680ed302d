import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { useLoad, withWork } from '../parts/load.ts'
import { Popover } from '../parts/popover.tsx'
import { showFailure, showToast } from '../parts/toast.tsx'
import { formatRoute, partsOfAddress, type Route } from '../route.ts'
import type { ViewEntry } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

/** The views of runs that the project keeps for everybody, and where one is saved. */
export function ViewsBar(props: {
  readonly source: Source
  readonly route: Route
  readonly isWritable: boolean
}): JSX.Element | null {
  const { source, route, isWritable } = props
  const { project = '', experiment } = partsOfAddress(route.address)
  const views = useLoad(
    (signal) => source.views({ address: project }, { signal }),
    [source, project]
  )
  const own = (views.value ?? []).flatMap((view) => {
    const params = paramsOf(view)
    return params !== undefined && view.state.experiment === (experiment ?? null)
      ? [{ view, params }]
      : []
  })
  if (own.length === 0 && !isWritable) return null
  const now = formatRoute({ ...route, params: { ...route.params, sel: undefined } })
  return (
    <div class="views">
      {own.map(({ view, params }) => {
        const to = { page: 'runs', address: route.address, params } as const
        return (
          <Link key={view.slug} to={to} class="view-chip" current={formatRoute(to) === now}>
            {view.name}
          </Link>
        )
      })}
      {isWritable ? (
        <Popover label="Views" icon="bookmark" size="small" tone="quiet" title="Saved views">
          {(close) => (
            <ViewForm
              source={source}
              route={route}
              views={own.map(({ view }) => view)}
              onDone={() => {
                close()
                views.reload()
              }}
            />
          )}
        </Popover>
      ) : null}
    </div>
  )
}

function ViewForm(props: {
  readonly source: Source
  readonly route: Route
  readonly views: readonly ViewEntry[]
  readonly onDone: () => void
}): JSX.Element {
  const { source, route, views, onDone } = props
  const { project = '', experiment = null } = partsOfAddress(route.address)
  const [name, setName] = useState('')
  const id = useId()
  const run = (work: () => Promise<unknown>, text: string): void => {
    void withWork(work)
      .then(() => showToast({ text }))
      .catch(showFailure)
      .finally(onDone)
  }
  const save = (event: Event): void => {
    event.preventDefault()
    const { sel: _, ...params } = route.params
    const state = { page: 'runs', experiment, params }
    run(
      () => source.saveView({ address: project, name: name.trim(), state }),
      `View “${name.trim()}” saved`
    )
  }
  return (
    <form class="chooser" onSubmit={save}>
      <div class="field">
        <label for={id}>Save what you see as</label>
        <input
          id={id}
          class="input"
          value={name}
          maxLength={80}
          autocomplete="off"
          placeholder="Best so far"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <Button label="Save view" tone="primary" type="submit" disabled={name.trim() === ''} />
      {views.length === 0 ? null : (
        <ul class="chooser-list">
          {views.map((view) => (
            <li class="check-row" key={view.slug}>
              <Icon name="bookmark" />
              <span class="grow">{view.name}</span>
              <Button
                label={`Delete the view ${view.name}`}
                icon="trash"
                iconOnly
                tone="quiet"
                size="small"
                onClick={() =>
                  run(
                    () => source.deleteView({ address: view.address }),
                    `View “${view.name}” deleted`
                  )
                }
              />
            </li>
          ))}
        </ul>
      )}
    </form>
  )
}

/** Returns the parameters of a view of runs; anybody may have written it. */
function paramsOf({ state }: ViewEntry): { readonly [name: string]: string } | undefined {
  const { page, params } = state
  if (page !== 'runs' || typeof params !== 'object' || params === null) return undefined
  const texts = Object.entries(params).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string'
  )
  return Object.fromEntries(texts)
}
