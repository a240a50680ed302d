import type { Json, JsonObject } from '../../base/json.ts'
import { Button } from '../parts/button.tsx'
import { useModal } from '../parts/modal.ts'

/** A row in full, for values that are too long for a table. */
export function RowDialog(props: {
  readonly title: string
  /** A column for each side; names on top if there is more than one. */
  readonly sides: readonly {
    readonly name?: string
    readonly row: JsonObject
  }[]
  readonly onClose: () => void
}) {
  const { title, sides, onClose } = props
  const modal = useModal(onClose)
  const columns = [...new Set(sides.flatMap(({ row }) => Object.keys(row)))]
  return (
    <dialog {...modal} class="dialog row-dialog" aria-label={title}>
      <div class="row-dialog-head">
        <h2>{title}</h2>
        <Button label="Close" icon="close" iconOnly tone="quiet" onClick={onClose} />
      </div>
      <div class="row-dialog-body">
        <table class="plain-table row-values">
          {sides.length < 2 ? null : (
            <thead>
              <tr>
                <td />
                {sides.map(({ name }, i) => (
                  <th scope="col" key={i}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {columns.map((column) => {
              const texts = sides.map(({ row }) => textOf(row[column]))
              const differs = new Set(texts).size > 1
              return (
                <tr key={column} class={differs ? 'differs' : ''}>
                  <th scope="row">{column}</th>
                  {texts.map((text, i) => (
                    <td key={i}>
                      <pre>{text}</pre>
                    </td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </dialog>
  )
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
