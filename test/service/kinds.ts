import type { KeyOf, Kind } from '../../src/model/kinds.ts'
import type { Service } from '../../src/service/service.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { EXECUTION, RUN, TREE } from '../support/workspaces.ts'

export type TestedKind = Exclude<Kind, 'purged' | 'artifact'>

/** What the tests need to know of a kind, in a workspace that `fillWorkspace` filled. */
export interface KindCase {
  readonly kind: TestedKind
  /** The object's parent; `undefined` for a project. */
  readonly in?: string
  /** Another parent, beside which the object does not lie. */
  readonly otherParent?: string
  readonly fields: Readonly<Record<string, unknown>>
  /** A second object of the same parent, if there can be one. */
  readonly second?: Readonly<Record<string, unknown>>
  /** Changed fields, and what a put of them over `fields` gives. */
  readonly changes: Readonly<Record<string, unknown>>
  /** The field that can be removed again. */
  readonly removable?: string
  /** A wrong value of a field, and the field that the error names. */
  readonly wrong: { readonly fields: Readonly<Record<string, unknown>>; readonly field: string }
  readonly address: string
  readonly id: string
  /** Where `git show` finds the record. */
  readonly place: string
  /** Whether the object is told from its siblings by its name. */
  readonly named: boolean
}

const IN_RUN = `vision/train/${RUN}`
const OTHER_TREE = 'abcdef0123456789abcdef0123456789abcdef01'
const RUN_PATH = `experiments/train:experiments/train/runs/${RUN[0]}/${RUN[1]}/${RUN}`

export const KIND_CASES: readonly KindCase[] = [
  {
    kind: 'project',
    fields: { name: 'Speech', description: 'voices' },
    second: { name: 'Zoo' },
    changes: { description: 'voices of people' },
    removable: 'description',
    wrong: { fields: { name: 'Speech', tags: [5] }, field: 'tags' },
    address: 'speech',
    id: 'speech',
    place: 'main:project.yaml',
    named: true
  },
  {
    kind: 'dataset',
    in: 'vision',
    fields: {
      name: 'Iris',
      rows: 150,
      attributes: [{ index: 0, name: 'petal', measurementLevel: 'ratio', unit: 'cm' }]
    },
    second: { name: 'Digits', rows: 1797 },
    changes: { rows: 151 },
    removable: 'rows',
    wrong: { fields: { name: 'Iris', rows: 'many' }, field: 'rows' },
    address: 'vision/datasets/iris',
    id: 'iris',
    place: 'main:datasets/iris/dataset.yaml',
    named: true
  },
  {
    kind: 'view',
    in: 'vision',
    fields: { name: 'Best', state: { sort: '-accuracy' } },
    second: { name: 'Worst', state: { sort: 'accuracy' } },
    changes: { state: { sort: 'loss' } },
    wrong: { fields: { name: 'Best', state: 'all' }, field: 'state' },
    address: 'vision/views/best',
    id: 'best',
    place: 'main:views/best.yaml',
    named: true
  },
  {
    kind: 'experiment',
    in: 'vision',
    fields: { name: 'Iris SVC', notes: 'first', metrics: { loss: { goal: 'minimize' } } },
    second: { name: 'Iris Trees' },
    changes: { notes: 'second' },
    removable: 'notes',
    wrong: { fields: { name: 'Iris SVC', metrics: { loss: { goal: 'up' } } }, field: 'goal' },
    address: 'vision/iris-svc',
    id: 'iris-svc',
    place: 'experiments/iris-svc:experiments/iris-svc/experiment.yaml',
    named: true
  },
  {
    kind: 'execution',
    in: 'vision/train',
    otherParent: 'vision/other',
    fields: { tree: OTHER_TREE },
    changes: { commits: ['c'.repeat(40)] },
    wrong: { fields: { tree: OTHER_TREE, commits: 'all' }, field: 'commits' },
    address: `vision/train/executions/${OTHER_TREE.slice(0, 12)}`,
    id: OTHER_TREE.slice(0, 12),
    place: `experiments/train:experiments/train/executions/ab/${OTHER_TREE.slice(0, 12)}/execution.yaml`,
    named: false
  },
  {
    kind: 'run',
    in: 'vision/train',
    otherParent: 'vision/other',
    fields: {
      id: 'abcdefghjkmn',
      name: 'first',
      execution: EXECUTION,
      params: { k: 5, optimizer: { name: 'adam', lr: 0.1 } },
      tags: ['a', 'b'],
      seed: 7
    },
    second: { id: 'abcdefghjkmp', name: 'second', params: { k: 6 } },
    changes: { notes: 'better', params: { k: 6 } },
    removable: 'seed',
    wrong: { fields: { id: 'abcdefghjkmn', tags: 'a' }, field: 'tags' },
    address: 'vision/train/abcdefghjkmn',
    id: 'abcdefghjkmn',
    place: 'experiments/train:experiments/train/runs/a/b/abcdefghjkmn/run.yaml',
    named: false
  },
  {
    kind: 'environment',
    in: IN_RUN,
    fields: { host: 'worker-3', user: 'ada', processors: { count: 8 } },
    changes: { host: 'worker-4' },
    removable: 'user',
    wrong: { fields: { host: 3 }, field: 'host' },
    address: `${IN_RUN}/environment`,
    id: RUN,
    place: `${RUN_PATH}/environment.yaml`,
    named: false
  },
  {
    kind: 'split',
    in: IN_RUN,
    fields: { name: 'fold 1', seed: 3, train: { indices: [0, 2] }, test: { count: 1 } },
    second: { name: 'fold 2', seed: 4 },
    changes: { seed: 5 },
    removable: 'seed',
    wrong: { fields: { name: 'fold 1', train: { indices: [-1] } }, field: 'train' },
    address: `${IN_RUN}/splits/fold%201`,
    id: 'fold 1',
    place: `${RUN_PATH}/splits/fold 1.yaml`,
    named: true
  },
  {
    kind: 'computation',
    in: IN_RUN,
    fields: { name: 'train', component: 'SVC', hyperparams: { c: 1 } },
    second: { name: 'evaluate', predecessor: 'train' },
    changes: { component: 'LinearSVC' },
    removable: 'component',
    wrong: { fields: { name: 'train', hyperparams: 5 }, field: 'hyperparams' },
    address: `${IN_RUN}/computations/train`,
    id: 'train',
    place: `${RUN_PATH}/computations/train.yaml`,
    named: true
  },
  {
    kind: 'metric',
    in: IN_RUN,
    fields: {
      name: 'test/confusion',
      type: 'confusion-matrix',
      value: [
        [5, 1],
        [0, 6]
      ]
    },
    second: { name: 'test/report', value: { f1: 0.9 } },
    changes: {
      value: [
        [6, 0],
        [0, 6]
      ]
    },
    removable: 'type',
    wrong: { fields: { name: 'test/confusion', value: 1, type: 5 }, field: 'type' },
    address: `${IN_RUN}/metrics/test/confusion`,
    id: 'test/confusion',
    place: `${RUN_PATH}/metrics/test/confusion.yaml`,
    named: true
  },
  {
    kind: 'result',
    in: IN_RUN,
    fields: { name: 'cases', key: 'id', columns: [{ name: 'id', type: 'integer' }] },
    second: { name: 'predictions' },
    changes: { key: 'row' },
    removable: 'key',
    wrong: { fields: { name: 'cases', columns: [{ name: 'id', type: 'uuid' }] }, field: 'columns' },
    address: `${IN_RUN}/results/cases`,
    id: 'cases',
    place: `${RUN_PATH}/results/cases/result.yaml`,
    named: true
  }
]

export const CODE_TREE = TREE

/** A service whose fields are not checked by the compiler, so that one test body fits every kind. */
export type LooseService = Service<'run'> & {
  create(fields: unknown): ReturnType<Service<'run'>['create']>
  put(fields: unknown): ReturnType<Service<'run'>['put']>
  update(address: string, changes: unknown): ReturnType<Service<'run'>['update']>
}

export function serviceOf(workspace: Workspace, kind: TestedKind): LooseService {
  return workspace[`${kind}s`] as unknown as LooseService
}

/** Returns the fields of a case with the place where the object goes. */
export function givenOf(kindCase: KindCase): Readonly<Record<string, unknown>> {
  return kindCase.in === undefined ? kindCase.fields : { ...kindCase.fields, in: kindCase.in }
}

/** Names a run of the experiment `train`. */
export function runKey(run: string): KeyOf<'run'> {
  return { kind: 'run', experiment: 'train', run }
}
