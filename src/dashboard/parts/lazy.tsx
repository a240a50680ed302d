import type { ComponentType, JSX } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { Loading, Problem } from './states.tsx'

/** A component that is loaded when it is first shown, or before. */
export interface LazyComponent<P> {
  (props: P): JSX.Element
  /** Loads it, so that it is there when it is shown. */
  load(): Promise<void>
}

/** Makes a component of one that is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): LazyComponent<P> {
  let loaded: ComponentType<P> | undefined
  const loadOnce = async (): Promise<void> => {
    loaded ??= await load()
  }
  function Lazy(props: P): JSX.Element {
    const [error, setError] = useState<unknown>()
    const [, setReady] = useState(loaded !== undefined)
    useLayoutEffect(() => {
      if (loaded === undefined) loadOnce().then(() => setReady(true), setError)
    }, [])
    if (error !== undefined) return <Problem error={error} onRetry={() => location.reload()} />
    const Loaded = loaded
    if (Loaded !== undefined) return <Loaded {...props} />
    return (
      <div class="page">
        <Loading />
      </div>
    )
  }
  return Object.assign(Lazy, { load: loadOnce })
}
