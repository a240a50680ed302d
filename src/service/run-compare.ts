import { decodeUtf8 } from '../base/bytes.ts'
import type { RunRecord } from '../model/records.ts'
import { readPatch } from '../query/code-diff.ts'
import { compareFields } from '../query/compare.ts'
import type {
  CodeDifference,
  ComparedRun,
  RunComparison,
  UnreadableRecord
} from '../query/comparison.ts'
import type { Place } from './address-book.ts'
import { diffByPatches } from './code-by-patches.ts'
import type { CompareOptions } from './compare.ts'
import { openSource, type RunSource } from './compare-source.ts'
import { addressOf, type ServiceContext } from './context.ts'

/** Compares runs, the others with the first. */
export async function compareRuns(
  context: ServiceContext,
  addresses: readonly string[],
  options: CompareOptions
): Promise<RunComparison> {
  if (addresses.length < 2) throw new TypeError('a comparison needs two runs or more')
  const unreadable: UnreadableRecord[] = []
  const runs: ComparedRun[] = []
  const sources: RunSource[] = []
  for (const [run, address] of addresses.entries()) {
    options.signal?.throwIfAborted()
    const place = await context.book.require(address, ['run'], options.at)
    const source = await openSource(context, address, place, (missing) => {
      unreadable.push({ run, ...missing })
    })
    sources.push(source)
    runs.push(describeRun(place, source.fields, source.commitOid))
  }
  const nowMs = context.workspace.host.platform.clock.now()
  return {
    runs,
    sections: await compareFields(sources, { all: options.all === true, nowMs }),
    code: await compareCode(context, sources, options),
    unreadable
  }
}

/** Tells which run was compared. */
export function describeRun(
  { store, key, at }: Place<'run'>,
  { name }: RunRecord,
  commitOid: string
): ComparedRun {
  return {
    address: addressOf(store, key),
    id: key.run,
    project: store.slug,
    experiment: key.experiment,
    ...(name === undefined ? {} : { name }),
    ...(at === undefined ? {} : { at }),
    commitOid
  }
}

async function compareCode(
  { code }: ServiceContext,
  [first, ...others]: readonly RunSource[],
  options: CompareOptions
): Promise<RunComparison['code']> {
  const found: (CodeDifference | undefined)[] = [undefined]
  for (const other of others) {
    options.signal?.throwIfAborted()
    const before = first?.fields.execution
    const after = other.fields.execution
    const isOther = before !== undefined && after !== undefined && before !== after
    const isWanted = isOther && options.code !== false
    found.push(isWanted ? await diffCode(code, first as RunSource, other, options) : undefined)
  }
  return found
}

async function diffCode(
  code: ServiceContext['code'],
  first: RunSource,
  other: RunSource,
  options: CompareOptions
): Promise<CodeDifference> {
  const before = first.execution?.tree
  const after = other.execution?.tree
  if (code !== undefined && before !== undefined && after !== undefined) {
    const diff = await code.capture.diffCode({
      folder: options.folder ?? code.folder,
      before: { treeOid: before, patches: first.patches },
      after: { treeOid: after, patches: other.patches },
      ...(options.signal === undefined ? {} : { signal: options.signal })
    })
    if (diff !== undefined) {
      const files = await readPatch(decodeUtf8(diff.patch))
      return { by: 'repository', files, isWhole: diff.isWhole }
    }
  }
  return diffByPatches(first, other)
}
