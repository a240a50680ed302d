import type { JSX } from 'preact'
import { Button } from './button.tsx'
import { useModal } from './modal.ts'

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'filter or search what is shown'],
  ['?', 'this page'],
  ['Arrows', 'move in a table, read the points of a chart'],
  ['Space', 'select a run; with Shift up to there'],
  ['Enter', 'open a run; in a heading sort by it'],
  ['+ −', 'zoom a chart; Escape shows all'],
  ['Escape', 'select nothing, close what is open']
]

const FILTERS: readonly (readonly [filter: string, what: string])[] = [
  ['accuracy > 0.9', 'a metric or parameter by its name'],
  ['params.model = resnet and not tags has debug', 'conditions joined'],
  ['status = running', 'what runs now'],
  ['started > now - 7d', 'the last week'],
  ['name ~ "cosine"', 'a part of a text'],
  ['metrics.loss.min < 0.2', 'the least value of a series']
]

/** Keys and filters in a window of its own. */
export function Help({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const modal = useModal(onClose)
  return (
    <dialog {...modal} class="dialog help" aria-labelledby="help-title">
      <div class="dialog-form">
        <div class="help-head">
          <h2 id="help-title">Help</h2>
          <Button label="Close" icon="close" iconOnly tone="quiet" onClick={onClose} />
        </div>
        <h3>Filters</h3>
        <dl class="help-list">
          {FILTERS.map(([filter, what]) => (
            <div key={filter}>
              <dt>
                <code>{filter}</code>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <h3>Keys</h3>
        <dl class="help-list">
          {KEYS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  )
}
