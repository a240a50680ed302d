import { expect } from 'chai'
import fc from 'fast-check'
import {
  artifactPath,
  branchOf,
  experimentOfRef,
  folderOf,
  keyOfPath,
  listingFolderOf,
  logPath,
  partOf,
  patchPath,
  pathOf,
  removedPathsOf,
  rowsPath,
  seriesPath
} from '../../src/format/paths.ts'
import type { ObjectKey } from '../../src/model/kinds.ts'

const experiment = 'iris-svc'
const execution = '3f2a91c07be4'
const run = 'k3f9q2xab7mt'
const RUN = { kind: 'run', experiment, run } as const
const EXECUTION = { kind: 'execution', experiment, execution } as const
const BASE = '9e107d9d372bb6826bd81d3542a419d6f1d2c3b4'
const IN_RUN = 'experiments/iris-svc/runs/k/3/k3f9q2xab7mt'

const PLACES: readonly (readonly [ObjectKey, string, string])[] = [
  [{ kind: 'project' }, '', 'project.yaml'],
  [{ kind: 'dataset', dataset: 'iris' }, 'datasets/iris', 'datasets/iris/dataset.yaml'],
  [{ kind: 'view', view: 'best.runs' }, 'views/best.runs.yaml', 'views/best.runs.yaml'],
  [
    { kind: 'experiment', experiment },
    'experiments/iris-svc',
    'experiments/iris-svc/experiment.yaml'
  ],
  [
    { kind: 'purged', experiment },
    'experiments/iris-svc/purged.yaml',
    'experiments/iris-svc/purged.yaml'
  ],
  [
    EXECUTION,
    'experiments/iris-svc/executions/3f/3f2a91c07be4',
    'experiments/iris-svc/executions/3f/3f2a91c07be4/execution.yaml'
  ],
  [RUN, IN_RUN, `${IN_RUN}/run.yaml`],
  [{ ...RUN, kind: 'environment' }, `${IN_RUN}/environment.yaml`, `${IN_RUN}/environment.yaml`],
  [
    { ...RUN, kind: 'split', name: 'a/b' },
    `${IN_RUN}/splits/a%2fb.yaml`,
    `${IN_RUN}/splits/a%2fb.yaml`
  ],
  [
    { ...RUN, kind: 'computation', name: 'Train' },
    `${IN_RUN}/computations/%54rain.yaml`,
    `${IN_RUN}/computations/%54rain.yaml`
  ],
  [
    { ...RUN, kind: 'metric', name: 'test/confusion' },
    `${IN_RUN}/metrics/test/confusion.yaml`,
    `${IN_RUN}/metrics/test/confusion.yaml`
  ],
  [
    { ...RUN, kind: 'result', name: 'cases' },
    `${IN_RUN}/results/cases`,
    `${IN_RUN}/results/cases/result.yaml`
  ],
  [
    { ...RUN, kind: 'artifact', name: 'raw/Scans.tar' },
    `${IN_RUN}/artifacts/raw/%53cans.tar`,
    `${IN_RUN}/artifacts/raw/%53cans.tar.ref.yaml`
  ]
]

describe('paths', () => {
  for (const [key, folder, path] of PLACES) {
    it(`of a ${key.kind} lead to its record and back`, () => {
      expect([folderOf(key), pathOf(key)]).to.deep.equal([folder, path])
      expect(keyOfPath(path)).to.deep.equal(key)
      expect(partOf(path)).to.equal(undefined)
      for (const removed of removedPathsOf(key))
        expect(`${path}/`.startsWith(removed)).to.equal(true)
    })
  }

  it('put an object on its experiment’s branch, else on main', () => {
    const branches = PLACES.map(([key]) => branchOf(key))
    expect(branches.slice(0, 3)).to.deep.equal(Array(3).fill('refs/heads/main'))
    expect(new Set(branches.slice(3))).to.deep.equal(new Set(['refs/heads/experiments/iris-svc']))
    expect(experimentOfRef('refs/heads/experiments/a')).to.equal('a')
    expect(experimentOfRef('refs/heads/main')).to.equal(undefined)
  })

  it('of parts come back', () => {
    const part = { run: RUN, writer: 'm2p7xw', number: 3 }
    expect(seriesPath(RUN, 'm2p7xw', 3)).to.equal(`${IN_RUN}/series/m2p7xw-0003.tsv`)
    expect(partOf(seriesPath(RUN, 'm2p7xw', 3))).to.deep.equal({ part: 'series', ...part })
    expect(partOf(logPath(RUN, 'm2p7xw', 3))).to.deep.equal({ part: 'log', ...part })
    expect(rowsPath(RUN, 'A', 'm2p7xw', 3)).to.equal(`${IN_RUN}/results/%41/m2p7xw-0003.jsonl`)
    expect(partOf(rowsPath(RUN, 'A', 'm2p7xw', 3))).to.deep.equal({
      part: 'rows',
      result: 'A',
      ...part
    })
    expect(partOf(seriesPath(RUN, 'm2p7xw', 12345))).to.include({ number: 12345 })
    expect(partOf(artifactPath(RUN, 'a/B'))).to.deep.equal({
      part: 'artifact',
      run: RUN,
      path: 'a/B'
    })
    expect(partOf(patchPath(EXECUTION, BASE))).to.deep.equal({
      part: 'patch',
      execution: EXECUTION,
      baseCommitOid: BASE
    })
  })

  it('an artifact named like a reference is content', () => {
    const path = artifactPath(RUN, 'a.ref.yaml')
    expect(keyOfPath(path)).to.equal(undefined)
    expect(partOf(path)).to.deep.equal({ part: 'artifact', run: RUN, path: 'a.ref.yaml' })
  })

  it('of artifacts never take the place of a record', () => {
    const segment = fc.constantFrom(
      'a',
      'a.ref.yaml',
      'run.yaml',
      '.ref.yaml',
      'A.ref.yaml',
      'x.yaml'
    )
    const name = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(name, (text) => {
        const key = { ...RUN, kind: 'artifact', name: text } as const
        expect(keyOfPath(pathOf(key))).to.deep.equal(key)
        expect(keyOfPath(artifactPath(RUN, text))).to.equal(undefined)
      })
    )
  })

  for (const path of [
    'README.md',
    'views/A.yaml',
    'views/a.yaml/b',
    'datasets/iris',
    'datasets/.x/dataset.yaml',
    'experiments/Iris/experiment.yaml',
    'experiments/a..b/experiment.yaml',
    'experiments/a/runs/k/4/k3f9q2xab7mt/run.yaml',
    'experiments/a/runs/k/3/k3f9q2xab7mi/run.yaml',
    'experiments/a/executions/3e/3f2a91c07be4/execution.yaml',
    `${IN_RUN}/splits/A.yaml`,
    `${IN_RUN}/splits/a/b.yaml`,
    `${IN_RUN}/series/m2p7xw-3.tsv`,
    `${IN_RUN}/series/m2p7xw-00003.tsv`,
    `${IN_RUN}/series/m2p7xw-0003.txt`,
    `${IN_RUN}/series/writer-0003.tsv`,
    `${IN_RUN}/series/a/m2p7xw-0003.tsv`,
    `${IN_RUN}/log/m2p7xw-0003.tsv`,
    `${IN_RUN}/results/m2p7xw-0003.jsonl`,
    `${IN_RUN}/artifacts/A`,
    `${IN_RUN}/artifacts`,
    IN_RUN,
    ''
  ]) {
    it(`of no object or part: ${path}`, () => {
      expect(keyOfPath(path)).to.equal(undefined)
      expect(partOf(path)).to.equal(undefined)
    })
  }

  it('list each kind in one folder of its parent', () => {
    for (const [key, folder] of PLACES) {
      if (key.kind === 'project') continue
      const parent: ObjectKey =
        'run' in key && key.kind !== 'run'
          ? RUN
          : 'experiment' in key && key.kind !== 'experiment'
            ? { kind: 'experiment', experiment }
            : { kind: 'project' }
      expect(folder.startsWith(`${listingFolderOf(key.kind, parent)}/`), key.kind).to.equal(true)
    }
  })
})
