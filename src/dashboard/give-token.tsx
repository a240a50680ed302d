import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { openToChange, readWayIn } from './client/way-in.ts'
import { CredentialFields, useCredential } from './credential-fields.tsx'
import { Button } from './parts/button.tsx'
import { Dialog } from './parts/dialog.tsx'
import { withWork } from './parts/load.ts'
import { showToast } from './parts/toast.tsx'
import type { Source } from './source/source.ts'

/** Takes a token with which a remote that was only read can be changed. */
export function GiveToken(props: {
  readonly onSource: (source: Source) => Promise<void>
}): JSX.Element | null {
  const [way] = useState(readWayIn)
  const [isOpen, setOpen] = useState(false)
  const credential = useCredential()
  const remote = way.kind === 'hosted' ? way.remote : undefined
  if (remote === undefined) return null
  const submit = async (): Promise<void> => {
    const source = await withWork(() => openToChange(remote, credential.value))
    await props.onSource(source)
    showToast({ text: 'The remote takes the token: you may change things now.' })
  }
  return (
    <>
      <Button label="Give a token" icon="edit" size="small" onClick={() => setOpen(true)} />
      {isOpen ? (
        <Dialog
          title="Give a token"
          action="Use it"
          isReady={credential.value.password !== ''}
          onSubmit={submit}
          onClose={() => setOpen(false)}
        >
          <CredentialFields remote={remote} purpose="A token that may push" {...credential} />
        </Dialog>
      ) : null}
    </>
  )
}
