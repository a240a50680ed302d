import { Fragment } from 'preact'

/** Where a name may go on in the next line: behind its marks, and before the words in `camelCase`. */
const JOINTS = /(?<=[./_-])(?=[^./_-])|(?<=[a-z0-9])(?=[A-Z])/

/** A name such as `optimizer.weightDecay`, broken between its words where it must be. */
export function FieldName({ name }: { readonly name: string }) {
  const parts = name.split(JOINTS)
  return (
    <>
      {parts.map((part, index) => (
        <Fragment key={index}>
          {index === 0 ? null : <wbr />}
          {part}
        </Fragment>
      ))}
    </>
  )
}
