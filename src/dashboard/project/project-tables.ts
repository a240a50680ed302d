import type { CsvTable } from '../parts/csv.ts'
import type { DatasetSummary, ExperimentSummary } from '../source/answers.ts'

/** Returns experiments as a table: a row for the best run of each metric that has a goal. */
export function experimentTable(experiments: readonly ExperimentSummary[]): CsvTable {
  return {
    head: [
      'experiment',
      'name',
      'runs',
      'running',
      'failed',
      'last start',
      'metric',
      'best',
      'run'
    ],
    rows: experiments.flatMap(({ slug, record, runs, running, failed, lastStarted, best }) => {
      const own = [slug, record.name, runs, running, failed, lastStarted]
      if (best.length === 0) return [own]
      return best.map(({ metric, value, run }) => [...own, metric, value, run])
    })
  }
}

/** Returns datasets as a table. */
export function datasetTable(datasets: readonly DatasetSummary[]): CsvTable {
  return {
    head: ['dataset', 'name', 'version', 'rows', 'columns', 'bytes', 'digest', 'description'],
    rows: datasets.map(({ slug, record }) => [
      slug,
      record.name,
      record.version,
      record.rows,
      record.attributes?.length,
      record.sizeBytes,
      record.digest,
      record.description
    ])
  }
}
