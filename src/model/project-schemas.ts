import type {
  DatasetRecord,
  ExecutionRecord,
  ExperimentRecord,
  ProjectRecord,
  PurgedRecord,
  ViewRecord
} from './records.ts'
import {
  anyMap,
  CREATED,
  count,
  DESCRIPTION,
  EDIT_FIELDS,
  type FieldSchemas,
  flag,
  label,
  list,
  map,
  members,
  NAME,
  NOTES,
  oneOf,
  REMOTES,
  recordSchema,
  set,
  TAGS,
  text
} from './schema.ts'

type Fields<R> = FieldSchemas<Omit<R, 'schema'>>

const PROJECT: Fields<ProjectRecord> = {
  id: text('Random, 12 base-32 characters: tells projects of one name apart.', 'runId'),
  name: NAME,
  description: DESCRIPTION,
  notes: NOTES,
  tags: TAGS,
  created: CREATED,
  code: members('What belongs to the code of a run.', {
    include: list(
      label('A glob pattern.'),
      'Untracked files that belong to the code, as glob patterns. Default: none.'
    )
  }),
  artifacts: members('How artifacts are kept.', {
    maxSizeBytes: count(
      'Artifacts larger than this are kept beside the history. Default: 1,000,000.'
    )
  }),
  remotes: REMOTES,
  ...EDIT_FIELDS
}

const ATTRIBUTE = members(
  '',
  {
    index: count('Its place, from 0.'),
    name: label('Its name.'),
    measurementLevel: text('`nominal`, `ordinal`, `interval`, `ratio`, or a term of your own.'),
    type: text('The type of its values: `number`, `integer`, `string`, `boolean`, `date`, ….'),
    unit: text('The unit of its values.'),
    description: text('What it means.'),
    nullable: flag('Whether values may be absent.'),
    defaultTarget: flag('Whether it is the target when nobody says otherwise.')
  },
  ['index', 'name']
)

const DATASET: Fields<DatasetRecord> = {
  name: NAME,
  description: DESCRIPTION,
  notes: NOTES,
  tags: TAGS,
  created: CREATED,
  type: text('`multivariate`, `timeseries`, `graph`, `images`, `text`, or a term of your own.'),
  version: text('The version of the data, as its source calls it.'),
  digest: text('Digest of the content, such as `sha256:<64 hexadecimal digits>`.', 'digest'),
  sizeBytes: count('Size of the content.'),
  rows: count('Number of rows.'),
  locations: list(label('A URL or path.'), 'Where the bytes are: URLs or paths.'),
  originalSource: text('Where the data was first published.'),
  license: text('The licence of the data, best as an SPDX identifier.'),
  attributes: list(ATTRIBUTE, 'The columns.'),
  ...EDIT_FIELDS
}

const EXPERIMENT: Fields<ExperimentRecord> = {
  name: NAME,
  description: DESCRIPTION,
  notes: NOTES,
  tags: TAGS,
  created: CREATED,
  metrics: map(
    members('', {
      goal: oneOf(['minimize', 'maximize'], 'Which values are better.'),
      unit: text('The unit of the values.'),
      description: text('What the metric means.')
    }),
    'How metrics are to be read, by name.'
  ),
  remotes: REMOTES,
  ...EDIT_FIELDS
}

const EXECUTION: Fields<ExecutionRecord> = {
  tree: text('Git tree of the code as it lay on disk: 40 hexadecimal digits.', 'oid'),
  commits: set(
    text('A commit.', 'oid'),
    'Commits that had this tree; a set, in the order of code points.'
  )
}

const VIEW: Fields<ViewRecord> = {
  name: NAME,
  created: CREATED,
  state: anyMap('What the view shows and how: columns, filter, order.'),
  ...EDIT_FIELDS
}

const PURGED: Fields<PurgedRecord> = {
  paths: set(label('A path.'), 'Paths that no merge may bring back.'),
  heads: set(
    text('A commit.', 'oid'),
    'Heads whose history held them; a commit that contains one is never made a parent.'
  )
}

export const PROJECT_SCHEMA = recordSchema(
  'project',
  'What a project is about; one per repository.',
  PROJECT,
  ['id', 'name', 'created']
)

export const DATASET_SCHEMA = recordSchema(
  'dataset',
  'Data that runs used: what it is and where its bytes are, never the bytes themselves.',
  DATASET,
  ['name', 'created']
)

export const EXPERIMENT_SCHEMA = recordSchema(
  'experiment',
  'A question that runs answer; a branch of the project.',
  EXPERIMENT,
  ['name', 'created']
)

export const EXECUTION_SCHEMA = recordSchema(
  'execution',
  'One version of the code; holds only what follows from the code, so it is the same everywhere.',
  EXECUTION,
  ['tree']
)

export const VIEW_SCHEMA = recordSchema(
  'view',
  'A way of looking at runs that a team shares.',
  VIEW,
  ['name', 'created', 'state']
)

export const PURGED_SCHEMA = recordSchema(
  'purged',
  'What was taken out of an experiment’s history.',
  PURGED,
  ['paths', 'heads']
)
