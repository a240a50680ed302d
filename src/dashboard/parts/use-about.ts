import { useEffect, useState } from 'preact/hooks'
import type { About } from '../source/answers.ts'
import type { Source } from '../source/source.ts'

const known = new WeakMap<Source, Promise<About>>()

/** Tells whether a source takes changes; not until it has said so. */
export function useWritable(source: Source): boolean {
  const [isWritable, setWritable] = useState(false)
  useEffect(() => {
    const asked = known.get(source) ?? source.about()
    known.set(source, asked)
    asked.then(
      ({ writable }) => setWritable(writable),
      () => known.delete(source)
    )
  }, [source])
  return isWritable
}
