import { CopyButton } from '../parts/copy-button.tsx'
import { CsvButton } from '../parts/csv-button.tsx'
import { Ago } from '../parts/labels.tsx'
import { More } from '../parts/more.tsx'
import { usePages } from '../parts/pages.ts'
import { ScrollX } from '../parts/scroll-x.tsx'
import { Section } from '../parts/section.tsx'
import { commitTable } from '../project/commit-table.ts'
import type { RunView } from './run-view.ts'

const PAGE = 50

/** Who did what when to a run. */
export function HistoryTab({ view }: { readonly view: RunView }) {
  const { source, answer } = view
  const history = usePages(
    async ({ from = '0', limit }, call) => {
      const skip = Number(from)
      const { entries, isCut } = await source.history(
        { address: answer.address, skip, limit },
        call
      )
      return { entries, next: isCut ? String(skip + entries.length) : undefined }
    },
    [answer.address, answer.commitOid],
    PAGE
  )
  const { entries = [] } = history
  return (
    <Section
      title="History"
      isWide
      actions={
        <CsvButton
          name={`${answer.address}/history`}
          what="what is shown"
          size="small"
          tone="quiet"
          disabled={entries.length === 0}
          read={() => commitTable(entries)}
        />
      }
    >
      {entries.length === 0 ? null : (
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
      )}
      <More pages={history} entry="commit" />
    </Section>
  )
}
