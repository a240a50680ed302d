import fc from 'fast-check'
import type { Json } from '../../src/base/json.ts'
import { withoutAbsent } from '../../src/base/json.ts'
import type { Kind, RecordOfKind } from '../../src/model/kinds.ts'

// Few values each, so that two records often agree, tie, or contradict each other.
const time = fc.integer({ min: 1, max: 5 }).map((day) => `2026-01-0${day}T00:00:00.000Z`)
const stamp = fc
  .tuple(time, fc.constantFrom('', ' aaaaaa', ' bbbbbb'))
  .map(([at, writer]) => at + writer)
const word = fc.constantFrom('a', 'b', 'x/y', 'z~')
const json: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 'a', ''),
  fc.array(fc.constantFrom<Json>(1, 'b'), { maxLength: 2 }),
  fc.dictionary(word, fc.constantFrom<Json>(1, 'b', []), { maxKeys: 2, noNullPrototype: true })
)
const mapOf = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<{ [name: string]: T }> =>
  fc.dictionary(word, value, { maxKeys: 3, noNullPrototype: true })
const tags = fc.uniqueArray(word, { maxLength: 3 })
const oid = fc.constantFrom('a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40))
const count = fc.integer({ min: 0, max: 3 })
const part = fc.record({ count }, { requiredKeys: [] })
const summary = fc.record({ last: count, min: count, max: count, count })
const remote = fc.record({ url: fc.constantFrom('u', 'v'), branch: fc.constant('main') })
const outcome = fc.record(
  {
    status: fc.constantFrom('running', 'interrupted', 'failed', 'finished'),
    finished: time,
    exitCode: count,
    error: fc.record({ message: word })
  },
  { requiredKeys: ['status'] }
)

type Fields = { readonly [field: string]: fc.Arbitrary<unknown> }
const label = { name: word, notes: word, description: word }

/** Fields of each kind, and those that each record of it has. */
const FIELDS: { readonly [K in Kind]: { required: Fields; optional: Fields } } = {
  project: {
    required: { id: fc.constantFrom('aaaaaaaaaaaa', 'bbbbbbbbbbbb'), name: word },
    optional: { ...label, tags, remotes: mapOf(remote), x: json }
  },
  dataset: {
    required: { name: word },
    optional: { ...label, tags, digest: fc.constantFrom('sha256:a', 'sha256:b'), x: json }
  },
  view: { required: { name: word, state: mapOf(json) }, optional: { x: json } },
  experiment: {
    required: { name: word },
    optional: {
      ...label,
      tags,
      metrics: mapOf(fc.record({ unit: word })),
      remotes: mapOf(remote),
      x: json
    }
  },
  execution: {
    required: { tree: oid },
    optional: { commits: fc.uniqueArray(oid, { maxLength: 3 }), x: json }
  },
  run: {
    required: { attempt: stamp },
    optional: {
      key: word,
      name: word,
      notes: word,
      seed: fc.oneof(count, word),
      started: time,
      params: mapOf(json),
      metrics: mapOf(summary),
      tags,
      datasets: mapOf(fc.record({ role: word })),
      artifacts: mapOf(fc.record({ sizeBytes: count })),
      x: json
    }
  },
  environment: {
    required: {},
    optional: { host: word, user: word, packages: mapOf(word), memoryBytes: count, x: json }
  },
  split: {
    required: { name: word },
    optional: { seed: count, train: part, test: part, dataset: word, x: json }
  },
  computation: {
    required: { name: word },
    optional: { component: word, params: mapOf(json), started: time, finished: time, x: json }
  },
  metric: { required: { name: word, value: json }, optional: { type: word, x: json } },
  result: {
    required: { name: word, rows: count },
    optional: {
      columns: fc.uniqueArray(
        fc.record({
          name: word,
          type: fc.constantFrom('string', 'number', 'integer', 'boolean', 'json')
        }),
        { maxLength: 3, selector: (column) => column.name }
      ),
      aggregates: mapOf(fc.record({ count, min: count, max: count, mean: count })),
      notes: word,
      x: json
    }
  },
  artifact: {
    required: { uri: word },
    optional: { sizeBytes: count, digest: fc.constantFrom('sha256:a', 'sha256:b'), x: json }
  },
  purged: {
    required: {
      paths: fc.uniqueArray(fc.constantFrom('experiments/a', 'experiments/b'), { maxLength: 2 }),
      heads: fc.uniqueArray(oid, { maxLength: 2 })
    },
    optional: { x: json }
  }
}

/** Field paths that somebody may have stamped: real ones, members, and ones of no field. */
const editPath = fc.constantFrom(
  'name',
  'notes',
  'x',
  'host',
  'uri',
  'value',
  'train',
  'status',
  'digest',
  'key',
  'id',
  'seed',
  'started',
  'params/a',
  'params/x~1y',
  'tags/a',
  'tags/z~0',
  'metrics/a',
  'artifacts/b',
  'remotes/a',
  'gone'
)

const contested: { readonly [K in Kind]?: fc.Arbitrary<object> } = {
  run: fc.record(
    { status: fc.array(outcome, { minLength: 1, maxLength: 2 }), key: fc.array(word) },
    { requiredKeys: [] }
  ),
  dataset: fc.record({ digest: fc.array(fc.constantFrom('sha256:a', 'sha256:c')) })
}

/** Makes records of a kind, in normal form or not. */
export function arbitraryRecord<K extends Kind>(kind: K): fc.Arbitrary<RecordOfKind[K]> {
  const { required, optional } = FIELDS[kind]
  const isEditable = kind !== 'execution' && kind !== 'purged'
  const parts = fc.tuple(
    fc.record({ ...optional, ...required }, { requiredKeys: Object.keys(required) }),
    time,
    fc.option(fc.dictionary(editPath, stamp, { maxKeys: 4, noNullPrototype: true }), {
      nil: undefined
    }),
    fc.option(contested[kind] ?? fc.constant(undefined), { nil: undefined }),
    outcome
  )
  return parts.map(([fields, created, edits, conflicts, group]) => {
    const bookkeeping = isEditable ? withoutAbsent({ created, edits, conflicts }) : {}
    const status = kind === 'run' ? group : {}
    return { schema: `${kind}/1`, ...fields, ...status, ...bookkeeping } as never
  })
}
