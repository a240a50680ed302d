import { CopyButton } from '../parts/copy-button.tsx'
import { Ago } from '../parts/labels.tsx'
import { useLoad } from '../parts/load.ts'
import { ScrollX } from '../parts/scroll-x.tsx'
import { Section } from '../parts/section.tsx'
import { Show } from '../parts/states.tsx'
import type { RunView } from './run-view.ts'

const LIMIT = 200

/** Who did what when to a run. */
export function HistoryTab({ view }: { readonly view: RunView }) {
  const { source, answer } = view
  const history = useLoad(
    (signal) => source.history({ address: answer.address, limit: LIMIT }, { signal }),
    [answer.address, answer.commitOid],
    { keep: true }
  )
  return (
    <Show loaded={history}>
      {({ entries, isCut }) => (
        <Section title="History" isWide>
          <ScrollX>
            <table class="plain-table">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">Commit</th>
                </tr>
              </thead>
              <tbody>
                {entries.map(({ commitOid, time, author, subject }) => (
                  <tr key={commitOid}>
                    <td class="nowrap">
                      <Ago time={time} />
                    </td>
                    <td title={author.email}>{author.name}</td>
                    <td>{subject}</td>
                    <td class="nowrap">
                      <code>{commitOid.slice(0, 10)}</code>{' '}
                      <CopyButton text={commitOid} label="Copy the commit" />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollX>
          {isCut ? <p class="card-line small muted">These are the newest {LIMIT}.</p> : null}
        </Section>
      )}
    </Show>
  )
}
