import type {
  ArtifactReferenceRecord,
  ComputationRecord,
  EnvironmentRecord,
  MetricRecord,
  ResultRecord,
  RunRecord,
  SplitRecord
} from './run-records.ts'
import {
  any,
  anyMap,
  CREATED,
  count,
  EDIT_FIELDS,
  type FieldSchemas,
  integer,
  label,
  list,
  map,
  measure,
  members,
  NAME,
  NOTES,
  oneOf,
  recordSchema,
  seed,
  TAGS,
  text
} from './schema.ts'

type Fields<R> = FieldSchemas<Omit<R, 'schema'>>

const DIGEST = text('Digest of the content, such as `sha256:<64 hexadecimal digits>`.', 'digest')
const MEDIA_TYPE = text('Its media type, such as `image/png`.')

const METRIC_SUMMARY = members(
  '',
  {
    last: measure('The value of the last point (“Summaries”).'),
    min: measure('The least value that is a number.'),
    max: measure('The greatest value that is a number.'),
    count: count('Number of points.'),
    step: measure('The step of the last point.'),
    mean: measure('Mean over the splits’ last values.'),
    std: measure('Standard deviation over the splits’ last values, with n − 1.')
  },
  ['last', 'min', 'max', 'count']
)

const RUN: Fields<RunRecord> = {
  name: label('A label; runs may share one.'),
  key: label('The name under which the run can be continued.'),
  execution: text('The code version: an execution’s id.', 'executionId'),
  entry: members('What was started.', {
    file: text('The file, relative to the top of the code’s repository.'),
    command: list(text(''), 'The command line, with secrets as `***`.')
  }),
  parent: text('The run that this one is part of.', 'runId'),
  status: oneOf(
    ['running', 'finished', 'failed', 'interrupted'],
    '`running`, `finished`, `failed`, or `interrupted` (it ended without saying how).'
  ),
  attempt: text(
    'The stamp of the start or resume to which `status`, `finished`, `exitCode`, `signal` and `error` belong.',
    'stamp'
  ),
  created: CREATED,
  started: text('When the first attempt started.', 'time'),
  finished: text('When the attempt ended.', 'time'),
  exitCode: integer('The exit status of the process.'),
  signal: text('The signal that ended the process, such as `SIGTERM`.'),
  error: members(
    'How it failed.',
    {
      name: text('The kind of error.'),
      message: text('What it said.'),
      stack: text('Where it happened.')
    },
    ['message']
  ),
  params: anyMap('Parameters, by name; values of any form.'),
  metrics: map(METRIC_SUMMARY, 'Summaries of the series, by metric (“Summaries”).'),
  tags: TAGS,
  notes: NOTES,
  seed: seed('The seed of its randomness.'),
  datasets: map(
    members('', {
      version: text('The version of the data.'),
      digest: DIGEST,
      role: text('What it was used for: `train`, `test`, ….')
    }),
    'The data that it used, by dataset.'
  ),
  artifacts: map(
    members('', {
      sizeBytes: count('Size of the content.'),
      digest: DIGEST,
      mediaType: MEDIA_TYPE,
      uri: text('Where the content is, if it stays outside the project.')
    }),
    'Its artifacts, by path.'
  ),
  ...EDIT_FIELDS
}

const ENVIRONMENT: Fields<EnvironmentRecord> = {
  created: CREATED,
  host: text('The machine’s name.'),
  user: text('The user’s name there.'),
  platform: members('The operating system.', {
    os: text('Its name.'),
    release: text('Its version.'),
    arch: text('The processor architecture.')
  }),
  runtime: members(
    'What ran the program.',
    { name: text('Its name.'), version: text('Its version.') },
    ['name', 'version']
  ),
  processors: members('The processors.', {
    model: text('Their model.'),
    count: count('How many there are.')
  }),
  memoryBytes: count('The machine’s memory.'),
  gpus: list(
    members(
      '',
      {
        name: text('Its model.'),
        memoryBytes: count('Its memory.'),
        driver: text('Version of its driver.')
      },
      ['name']
    ),
    'Graphics processors.'
  ),
  lockFiles: map(text(''), 'SHA-256 of lock files, by path.'),
  packages: map(text(''), 'Versions of packages, by name.'),
  variables: map(text(''), 'Environment variables that are on the allow-list, by name.'),
  scheduler: members(
    'The batch system’s job.',
    { kind: text('`slurm`, `pbs`, `lsf`, ….'), jobId: text('The job’s id.') },
    ['kind', 'jobId']
  ),
  ci: members(
    'The continuous integration’s job.',
    {
      provider: text('`github`, `gitlab`, ….'),
      jobUrl: text('The job’s address.'),
      branch: text('The branch.'),
      commit: text('The head commit.'),
      pullRequest: text('The pull or merge request.')
    },
    ['provider']
  ),
  code: members('Where the code was.', {
    branch: text('The branch that was checked out.'),
    commit: text('The commit that was checked out.'),
    remotes: map(text(''), 'Addresses of the repository’s remotes, without credentials, by name.'),
    leftOut: list(text(''), 'Paths that the patch leaves out because they look like secrets.'),
    warnings: list(text(''), 'What could not be captured, and why.')
  }),
  ...EDIT_FIELDS
}

const PART = {
  count: count('Number of rows.'),
  indices: list(count(''), 'Indices of rows from 0, in the order of their use.')
}

const SPLIT: Fields<SplitRecord> = {
  name: NAME,
  created: CREATED,
  dataset: text('The dataset that was divided.'),
  seed: seed('The seed of the division.'),
  train: members('Rows to learn from.', PART),
  test: members('Rows to judge by.', PART),
  validation: members('Rows to choose by.', PART),
  ...EDIT_FIELDS
}

const COMPUTATION: Fields<ComputationRecord> = {
  name: NAME,
  created: CREATED,
  component: text('What was computed with: a class, function, model or program.'),
  split: text('The split that it used.'),
  predecessor: text('The computation whose output it took.'),
  params: anyMap('Parameters, by name.'),
  hyperparams: anyMap('Hyperparameters, by name.'),
  started: text('When it started.', 'time'),
  finished: text('When it ended.', 'time'),
  platform: anyMap('What it ran on, where that differs from the run’s environment.'),
  ...EDIT_FIELDS
}

const METRIC: Fields<MetricRecord> = {
  name: NAME,
  created: CREATED,
  type: text('How the value is to be read, such as `confusion-matrix`.'),
  split: text('The split that it belongs to.'),
  value: any('The value, of any form.'),
  ...EDIT_FIELDS
}

const RESULT: Fields<ResultRecord> = {
  name: NAME,
  created: CREATED,
  columns: list(
    members(
      '',
      {
        name: label('Its name.'),
        type: oneOf(['string', 'number', 'integer', 'boolean', 'json'], 'The type of its values.')
      },
      ['name', 'type']
    ),
    'The columns.'
  ),
  key: text('The column by which rows of two runs are joined.'),
  rows: count('Number of rows in all parts.'),
  aggregates: map(
    members(
      '',
      {
        count: count('Rows that have a number there.'),
        min: measure('The least.'),
        max: measure('The greatest.'),
        mean: measure('Their mean.')
      },
      ['count', 'min', 'max', 'mean']
    ),
    'What the columns of numbers come to, by column.'
  ),
  ...EDIT_FIELDS
}

const ARTIFACT: Fields<ArtifactReferenceRecord> = {
  created: CREATED,
  uri: label('Where the content is.'),
  sizeBytes: count('Size of the content.'),
  digest: DIGEST,
  mediaType: MEDIA_TYPE,
  ...EDIT_FIELDS
}

export const RUN_SCHEMA = recordSchema(
  'run',
  'One execution of the code with its parameters and outcome; all that a listing needs.',
  RUN,
  ['status', 'attempt', 'created']
)

export const ENVIRONMENT_SCHEMA = recordSchema(
  'environment',
  'Where and under what a run ran.',
  ENVIRONMENT,
  ['created']
)

export const SPLIT_SCHEMA = recordSchema('split', 'How a run divided its data.', SPLIT, [
  'name',
  'created'
])

export const COMPUTATION_SCHEMA = recordSchema(
  'computation',
  'A step of a run: a component with its parameters.',
  COMPUTATION,
  ['name', 'created']
)

export const METRIC_SCHEMA = recordSchema(
  'metric',
  'A metric’s value that is no number, such as a confusion matrix.',
  METRIC,
  ['name', 'created', 'value']
)

export const RESULT_SCHEMA = recordSchema(
  'result',
  'Outcomes one by one, such as predictions or evaluation cases; the rows lie in parts beside it.',
  RESULT,
  ['name', 'created', 'rows']
)

export const ARTIFACT_SCHEMA = recordSchema(
  'artifact',
  'An artifact whose content stays where it is.',
  ARTIFACT,
  ['created', 'uri']
)
