import type { KeptRun } from '../../service/kept-runs.ts'
import type { ReportData, ReportRun } from './report-data.ts'

/** Returns a run of a report as questions about tables take it. */
export function keptOf(data: ReportData, { answer }: ReportRun): KeptRun {
  const { address, id, project, experiment, record, commitOid, environment, execution } = answer
  const key = { kind: 'run', experiment, run: id } as const
  const page = data.pages.find(({ slug }) => slug === project)
  return {
    run: { kind: 'run', address, id, project, key, fields: record, commitOid },
    experiment: page?.experiments.find(({ slug }) => slug === experiment)?.record,
    environment,
    execution: execution?.record
  }
}
