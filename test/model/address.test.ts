import { expect } from 'chai'
import fc from 'fast-check'
import {
  type Address,
  candidateKeys,
  formatAddress,
  parseAddress
} from '../../src/model/address.ts'
import { modelErrors } from '../../src/model/errors.ts'
import type { ObjectKey } from '../../src/model/kinds.ts'

const RUN = { kind: 'run', experiment: 'train', run: 'k3f9q2xab7mt' } as const
const place = { experiment: 'train', run: 'k3f9q2xab7mt' }

describe('addresses', () => {
  const parsed: readonly (readonly [string, Address])[] = [
    ['train', { segments: ['train'] }],
    ['vision/train@v1', { segments: ['vision', 'train'], at: 'v1' }],
    ['train@snapshots/paper', { segments: ['train'], at: 'snapshots/paper' }],
    ['train/k3f9/artifacts/a%20b%40c', { segments: ['train', 'k3f9', 'artifacts', 'a b@c'] }],
    ['./vision.git', { path: './vision.git', segments: [] }],
    ['/', { path: '/', segments: [] }],
    ['~/x', { path: '~/x', segments: [] }],
    ['C:\\x\\y', { path: 'C:\\x\\y', segments: [] }],
    ['vision.git', { path: 'vision.git', segments: [] }],
    ['/a@b/vision.git@v1', { path: '/a@b/vision.git', segments: [], at: 'v1' }],
    ['/a@b/vision#train@v1', { path: '/a@b/vision', segments: ['train'], at: 'v1' }],
    ['results.bundle#train', { path: 'results.bundle', segments: ['train'] }],
    ['git@host:team/x.git', { url: 'git@host:team/x.git', segments: [] }],
    ['host:team/x.git@v1', { url: 'host:team/x.git', segments: [], at: 'v1' }],
    ['https://me@host/x', { url: 'https://me@host/x', segments: [] }],
    ['https://host/x.git#@v1', { url: 'https://host/x.git', segments: [], at: 'v1' }],
    ['ssh://git@host:22/x#a/b', { url: 'ssh://git@host:22/x', segments: ['a', 'b'] }]
  ]
  for (const [text, address] of parsed) {
    it(`reads ${text}`, () => expect(parseAddress(text)).to.deep.equal(address))
  }

  for (const text of [
    '',
    'a//b',
    'a/',
    'a#b',
    '#a',
    'a@',
    'a@b@c',
    'a@-x',
    'a@x..y',
    'a@b c',
    'a%ff',
    'a%',
    'x'.repeat(9000)
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(() => parseAddress(text))
        .to.throw()
        .that.satisfies((error: unknown) => modelErrors.is(error, 'MODEL_ADDRESS'))
    })
  }

  it('come back for every object, in a project and alone', () => {
    const slug = fc.constantFrom('train', 'iris-svc', 'a.b', 'k3f9q2xab7mt')
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((text) => !text.split('/').includes('') && !/\p{Cs}/u.test(text))
    const key: fc.Arbitrary<ObjectKey> = fc.oneof(
      fc.constantFrom<ObjectKey>({ kind: 'project' }, RUN, { kind: 'environment', ...place }),
      fc.record({ kind: fc.constant('dataset' as const), dataset: slug }),
      fc.record({ kind: fc.constant('view' as const), view: slug }),
      fc.record({
        kind: fc.constantFrom('experiment' as const, 'purged' as const),
        experiment: slug
      }),
      fc.constant<ObjectKey>({ kind: 'execution', experiment: 'train', execution: '3f2a91c07be4' }),
      fc
        .tuple(fc.constantFrom('split', 'computation', 'metric', 'result', 'artifact'), name)
        .map(([kind, text]) => ({ kind, ...place, name: text }) as ObjectKey)
    )
    fc.assert(
      fc.property(key, fc.constantFrom('vision', 'x'), (object, project) => {
        const full = parseAddress(formatAddress(project, object))
        expect(candidateKeys(full.segments)).to.deep.include({ project, key: object })
        if (object.kind === 'project') return
        const inside = parseAddress(formatAddress(undefined, object))
        expect(candidateKeys(inside.segments)).to.deep.include({ key: object })
      }),
      { numRuns: 1000 }
    )
  })

  it('encode in names only what must be', () => {
    expect(
      formatAddress('vision', { kind: 'metric', ...place, name: 'train/Loss: 50 %' })
    ).to.equal('vision/train/k3f9q2xab7mt/metrics/train/Loss:%2050%20%25')
    expect(formatAddress(undefined, { kind: 'split', ...place, name: 'a/b' })).to.equal(
      'train/k3f9q2xab7mt/splits/a%2Fb'
    )
  })
})

describe('the ways to read an address', () => {
  it('one name: experiment, run, project', () => {
    expect(candidateKeys(['k3f9'])).to.deep.equal([
      { key: { kind: 'experiment', experiment: 'k3f9' } },
      { key: { kind: 'run-prefix', prefix: 'k3f9' } },
      { project: 'k3f9', key: { kind: 'project' } }
    ])
    expect(candidateKeys(['k3f'])).to.have.length(2)
    expect(candidateKeys([])).to.deep.equal([{ key: { kind: 'project' } }])
  })

  it('two names: experiment of a project, then run of an experiment', () => {
    expect(candidateKeys(['vision', 'k3f9q2xab7mt'])).to.deep.equal([
      { project: 'vision', key: { kind: 'experiment', experiment: 'k3f9q2xab7mt' } },
      { key: { kind: 'run', experiment: 'vision', run: 'k3f9q2xab7mt' } }
    ])
    expect(candidateKeys(['vision', 'k3f9'])[1]).to.deep.equal({
      key: { kind: 'run-prefix', prefix: 'k3f9', experiment: 'vision' }
    })
  })

  it('a folder’s name is never a project or experiment', () => {
    expect(candidateKeys(['datasets', 'iris'])).to.deep.equal([
      { key: { kind: 'dataset', dataset: 'iris' } }
    ])
    expect(candidateKeys(['vision', 'views', 'best'])).to.deep.equal([
      { project: 'vision', key: { kind: 'view', view: 'best' } }
    ])
    expect(candidateKeys(['datasets'])).to.deep.equal([])
  })

  it('things in an abbreviated run', () => {
    expect(candidateKeys(['train', 'k3f9', 'metrics', 'train', 'loss'])).to.deep.equal([
      { key: { kind: 'metric', experiment: 'train', run: 'k3f9', name: 'train/loss' } }
    ])
    expect(candidateKeys(['train', 'k3f9', 'splits', 'a', 'b'])).to.deep.equal([])
    expect(candidateKeys(['train', 'k3f9', 'constructor', 'a'])).to.deep.equal([])
  })

  it('none, for names that fit nothing', () => {
    expect(candidateKeys(['Vision'])).to.deep.equal([])
    expect(candidateKeys(['..', 'x'])).to.deep.equal([])
  })
})
