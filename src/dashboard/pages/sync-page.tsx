import type { JSX } from 'preact'
import { dataVersion } from '../live.ts'
import { useLoad } from '../parts/load.ts'
import { Section } from '../parts/section.tsx'
import { Empty, Show } from '../parts/states.tsx'
import { showToast } from '../parts/toast.tsx'
import { partsOfAddress } from '../route.ts'
import type { PageProps } from '../shell.tsx'
import type { Source } from '../source/source.ts'
import { ConflictCard } from '../sync/conflict-card.tsx'
import { RemoteCard } from '../sync/remote-card.tsx'

/** How a project stands to the copies of others, and what somebody must decide after a merge. */
export function SyncPage({ source, route, about }: PageProps): JSX.Element {
  const address = partsOfAddress(route.address).project ?? ''
  const isWritable = about.writable
  const project = useLoad(
    (signal) => source.project({ address }, { signal }),
    [address, dataVersion.value],
    { keep: true }
  )
  return (
    <div class="page sync-page">
      <div class="page-head">
        <div>
          <h1>Sync</h1>
          <p>
            Pull brings here what others pushed, push gives them what is here. What went apart is
            merged, and nothing is lost.
          </p>
        </div>
      </div>
      <Show loaded={project} lines={6}>
        {({ slug, remotes }) =>
          remotes.length === 0 ? (
            <Empty title="Only on this machine" icon="sync">
              <p>Any git repository can hold the project, for others or as a second copy:</p>
              <pre>{`runtree remote add origin <address> --project ${slug}`}</pre>
            </Empty>
          ) : (
            remotes.map((remote) => (
              <RemoteCard
                key={remote.name}
                source={source}
                address={slug}
                remote={remote}
                isWritable={isWritable}
                onDone={project.reload}
              />
            ))
          )
        }
      </Show>
      <Conflicts source={source} address={address} isWritable={isWritable} />
    </div>
  )
}

function Conflicts(props: {
  readonly source: Source
  readonly address: string
  readonly isWritable: boolean
}) {
  const { source, address, isWritable } = props
  const conflicts = useLoad(
    (signal) => source.conflicts({ address }, { signal }),
    [address, dataVersion.value],
    { keep: true }
  )
  return (
    <Section title="To be decided" count={conflicts.value?.length} isWide>
      <Show loaded={conflicts} lines={3}>
        {(entries) =>
          entries.length === 0 ? (
            <p class="card-body muted">
              Nothing: no field was set to different values by two people at once.
            </p>
          ) : (
            <ul class="conflicts">
              {entries.map((entry) => (
                <ConflictCard
                  key={`${entry.address} ${entry.fieldPath}`}
                  entry={entry}
                  isWritable={isWritable}
                  onSettle={async (value) => {
                    const { address: of, fieldPath } = entry
                    await source.settle({ address: of, fieldPath, value })
                    showToast({ text: `${fieldPath} of ${of} is decided.` })
                    conflicts.reload()
                  }}
                />
              ))}
            </ul>
          )
        }
      </Show>
    </Section>
  )
}
