import type { Workspace } from '../../service/workspace.ts'
import type { LiveAnswer, LivePoint } from './run-answers.ts'
import { inOf } from './run-tables.ts'

/** Tells what runs in progress did since a cursor. */
export async function readLive(
  { runs }: Workspace,
  { address, cursor }: { readonly address?: string; readonly cursor?: string }
): Promise<LiveAnswer> {
  const changes = await runs.changes({
    ...inOf(address),
    ...(cursor === undefined ? {} : { cursor })
  })
  return {
    ...changes,
    runs: changes.runs.map(({ run, alive, silentMs, points, text }) => {
      const { name, started, metrics = {} } = run.fields
      return {
        address: run.address,
        id: run.id,
        experiment: run.key.experiment,
        silentMs,
        metrics,
        points: points.map(({ step = 0, ...point }): LivePoint => ({ step, ...point })),
        text,
        ...(alive === undefined ? {} : { alive }),
        ...(name === undefined ? {} : { name }),
        ...(started === undefined ? {} : { started })
      }
    })
  }
}
