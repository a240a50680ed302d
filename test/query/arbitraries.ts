import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { Filter, FilterValue } from '../../src/query/language/filter.ts'

/** Few names and values, so that filters meet what records have. */
export const NAMES = ['k', 'lr', 'opt', 'a.b', 'train/loss', 'x y', 'acc', 'not', '0', '"', 'é']
const TEXTS = ['adam', 'sgd', '', 'a "quoted" one', "it's", '2026-11-23', '\\', '\n', 'now', '5']
const NUMBERS = [0, -0, 1, 2.5, -3e21, 1e-7, Number.NaN, Number.POSITIVE_INFINITY, 5, 100]
const TIMES = ['2026-11-20T10:00:00.000Z', '2026-11-23T07:20:00.123Z', '2026-11-24T00:00:00.000Z']

const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ maxLength: 6, unit: 'binary' }))
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.double(), fc.integer())

const scalar: fc.Arbitrary<null | boolean | number | string> = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constant(null)
)

/** A value of a parameter, of any form. */
export const paramValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Json>(1, 2.5, 5, 'adam', 'sgd', true, null, Number.NaN) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom<Json>(1, 'adam', 5), { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom<Json>(1, 'adam'), {
      maxKeys: 2
    }) as fc.Arbitrary<JsonObject>
  }
)

/** Fields of what runs lead to. */
export const RELATED: readonly (readonly string[])[] = [
  ['environment', 'host'],
  ['environment', 'packages'],
  ['environment', 'packages', 'numpy'],
  ['environment', 'packages', 'a.b'],
  ['environment', 'gpus', 'name'],
  ['environment', 'gpus', '0', 'name'],
  ['environment', 'processors', 'count'],
  ['environment', 'created'],
  ['execution'],
  ['execution', 'tree'],
  ['execution', 'commits'],
  ['experiment'],
  ['experiment', 'name'],
  ['experiment', 'tags'],
  ['dataset'],
  ['dataset', 'license'],
  ['dataset', 'role']
]

const path = fc.oneof(
  fc.tuple(fc.constantFrom('params', 'metrics'), fc.constantFrom(...NAMES)),
  fc.tuple(
    fc.constantFrom('metrics'),
    fc.constantFrom(...NAMES),
    fc.constantFrom('last', 'min', 'max', 'mean')
  ),
  fc.tuple(fc.constantFrom('params'), fc.constantFrom(...NAMES), fc.constantFrom(...NAMES)),
  fc.tuple(fc.constantFrom('status', 'tags', 'name', 'seed', 'started', 'duration', 'time', 'id')),
  fc.tuple(fc.constantFrom(...NAMES, 'environment', 'artifacts', 'params')),
  fc.tuple(
    fc.constantFrom('datasets'),
    fc.constantFrom('iris'),
    fc.constantFrom('role', 'license')
  ),
  fc.constantFrom(...RELATED)
)

const moment: fc.Arbitrary<FilterValue> = fc.oneof(
  fc
    .constantFrom(...TIMES, '2026-11-23', '2026-11-23T07:20', '2026-11-23T07:20:00+02:00')
    .map((time) => ({ time })),
  fc.integer({ min: -1e10, max: 1e10 }).map((now) => ({ now: now === 0 ? 0 : now })),
  fc.nat(1e9).map((durationMs) => ({ durationMs }))
)

const value: fc.Arbitrary<FilterValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: fc.constantFrom<FilterValue>(1, 2.5, 5, 'adam', 'finished', 'x') },
  { weight: 1, arbitrary: moment },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }).map((json) => ({ json })) },
  {
    weight: 1,
    arbitrary: fc
      .dictionary(text, scalar, { maxKeys: 2, noNullPrototype: true })
      .map((json) => ({ json }))
  }
)

const condition: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    op: fc.constantFrom('=' as const, '!=' as const, '<' as const, '<=' as const, '>=' as const),
    field: path,
    value
  }),
  fc.record({
    op: fc.constant('in' as const),
    field: path,
    values: fc.array(value, { maxLength: 3 })
  }),
  fc.record({
    op: fc.constant('has' as const),
    field: path,
    value: fc.oneof(text, number, fc.boolean())
  }),
  fc.record({
    op: fc.constant('~' as const),
    field: path,
    pattern: fc.constantFrom('ada', '^s', 'x|5', '')
  }),
  fc.record({ op: fc.constant('exists' as const), field: path })
)

/** A filter of any form. */
export const filterOf: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    condition,
    fc.record({ op: fc.constant('not' as const), filter: tie('filter') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 })
    })
  )
})).filter

const summary = fc.constantFrom<JsonObject>(
  { last: 0.5, min: 0.1, max: 1, count: 3 },
  { last: Number.NaN, min: 0.1, max: 5, count: 3, step: 2 },
  { last: 5, min: 1, max: 5, count: 10, step: 9, mean: 2.5, std: 0.5 }
)

/** The ids of executions. */
export const EXECUTIONS = ['a', 'b'].map((digit) => digit.repeat(12))

/** The fields of an environment, with few names and values. */
export const environmentOf: fc.Arbitrary<JsonObject> = fc.record(
  {
    host: fc.constantFrom('adam', 'x', '5'),
    packages: fc.dictionary(fc.constantFrom('numpy', 'a.b', 'a'), fc.constantFrom('5', '1.2.3')),
    gpus: fc.array(fc.constantFrom({ name: 'x' }, { name: 'adam', memoryBytes: 5 }), {
      maxLength: 2
    }),
    processors: fc.constantFrom({ count: 5 }, { model: 'x', count: 1 }, {})
  },
  { requiredKeys: [] }
) as fc.Arbitrary<JsonObject>

/** The fields of a run, with few names and values. */
export const runFieldsOf: fc.Arbitrary<JsonObject> = fc.record(
  {
    name: fc.constantFrom('adam', 'x', '5'),
    status: fc.constantFrom('finished', 'failed', 'interrupted'),
    started: fc.constantFrom(...TIMES),
    finished: fc.constantFrom(...TIMES),
    params: fc.dictionary(fc.constantFrom(...NAMES), paramValue, { maxKeys: 5 }),
    metrics: fc.dictionary(fc.constantFrom(...NAMES), summary, { maxKeys: 3 }),
    tags: fc.uniqueArray(fc.constantFrom('x', 'adam', 'z'), { maxLength: 3 }),
    seed: fc.constantFrom(5, 'adam'),
    datasets: fc.constantFrom({ iris: { role: 'x' } }, { iris: {}, other: { role: 'adam' } }, {}),
    execution: fc.constantFrom(...EXECUTIONS),
    artifacts: fc.constantFrom({ 'm.bin': { sizeBytes: 5 } }, {})
  },
  { requiredKeys: ['status'] }
) as fc.Arbitrary<JsonObject>
