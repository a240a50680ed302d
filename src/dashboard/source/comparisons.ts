import { formatField } from '../../service/query.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { CompareRequest } from './requests.ts'
import type { ComparedField, Comparison } from './run-answers.ts'
import { requireRun } from './run-page.ts'
import { rowOf } from './run-rows.ts'
import type { CallOptions } from './source.ts'
import { SourceError } from './source-error.ts'

/** Sets runs beside each other. */
export function createComparisons(workspace: Workspace) {
  return {
    compare: (request: CompareRequest, { signal }: CallOptions) =>
      compare(workspace, request, signal),
    compareRows: () => {
      throw new SourceError({
        code: 'NOT_INCLUDED',
        message: 'Rows of two runs are not joined here.'
      })
    }
  }
}

async function compare(
  workspace: Workspace,
  { runs }: CompareRequest,
  signal: AbortSignal | undefined
): Promise<Comparison> {
  const { sections, code, unreadable } = await workspace.runs.compare(runs, {
    all: true,
    ...(signal === undefined ? {} : { signal })
  })
  const rows: Comparison['runs'][number][] = []
  for (const address of runs) rows.push(rowOf(await requireRun(workspace, address)))
  return {
    runs: rows,
    code: code.map((difference) => difference ?? null),
    unreadable,
    fields: sections.flatMap(({ name: group, fields }) =>
      fields.map(
        ({ path, values, texts, ...field }): ComparedField => ({
          ...field,
          group,
          field: formatField(path),
          values: values.map((value) => value ?? null),
          ...(texts === undefined ? {} : { texts: texts.map((text) => text ?? null) })
        })
      )
    )
  }
}
