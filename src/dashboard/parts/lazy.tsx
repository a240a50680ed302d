import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Loading, Problem } from './states.tsx'

/** Makes a component of one that is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined
  return function Lazy(props: P): JSX.Element {
    const [error, setError] = useState<unknown>()
    const [, setReady] = useState(loaded !== undefined)
    useEffect(() => {
      if (loaded !== undefined) return
      load().then((component) => {
        loaded = component
        setReady(true)
      }, setError)
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
}
