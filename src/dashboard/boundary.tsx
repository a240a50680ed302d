import { Component, type ComponentChildren } from 'preact'
import { Problem } from './parts/states.tsx'

/** Shows a failure of a page in its place, so that the rest can still be used. */
export class Boundary extends Component<
  { readonly children: ComponentChildren },
  { readonly error?: unknown }
> {
  override componentDidCatch(error: unknown): void {
    this.setState({ error })
  }

  override render(): ComponentChildren {
    if (this.state.error === undefined) return this.props.children
    return <Problem error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
  }
}
