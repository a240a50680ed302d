import { pathOf } from '../../format/paths.ts'
import type { KeyOf } from '../../model/kinds.ts'
import { type Damage, listRecords } from '../../store/list.ts'
import { type Needs, readDatasets } from '../related.ts'
import type { QueryScope } from '../scan.ts'
import type { IndexCache } from './index-cache.ts'
import type { IndexSnapshot, WantedField } from './index-snapshot.ts'

/** What the runs of an index lead to, as far as a question needs it. */
export interface IndexRelated {
  readonly experiment?: object | undefined
  /** By id. */
  readonly executions?: ReadonlyMap<string, object | undefined>
  /** By slug. */
  readonly datasets?: { readonly [dataset: string]: object }
  readonly environment?: EnvironmentRows
}

/** The environments of runs, in an index of their own. */
export interface EnvironmentRows {
  readonly snapshot: IndexSnapshot
  /** The row of each run's environment; -1 if it has none. */
  readonly rows: Int32Array
}

/** So many executions are read one by one; of more, all are read together. */
const FEW = 32

/** Reads what the runs of an index lead to; a record that can't be read is reported and absent. */
export async function readIndexRelated(
  scope: QueryScope,
  experiment: string,
  runs: IndexSnapshot,
  needs: Needs,
  wanted: readonly WantedField[],
  environments: IndexCache
): Promise<IndexRelated> {
  const { store, onDamaged } = scope
  return {
    ...(needs.has('experiment') && {
      experiment: await readRecord(scope, { kind: 'experiment', experiment })
    }),
    ...(needs.has('execution') && {
      executions: await readExecutions(scope, experiment, executionsOf(runs))
    }),
    ...(needs.has('datasets') && { datasets: await readDatasets(store, onDamaged) }),
    ...(needs.has('environment') && {
      environment: await openEnvironments(scope, environments, runs, wanted)
    })
  }
}

/** Lists the executions that runs name. */
function executionsOf({ alive, columnsOf }: IndexSnapshot): ReadonlySet<string> {
  const [column] = columnsOf(['execution'], false)
  const found = new Set<string>()
  if (column === undefined) return found
  const noted = column.map((id) => () => typeof id === 'string' && found.add(id))
  for (const [row, isAlive] of alive.entries()) if (isAlive === 1) noted(row)()
  return found
}

async function readExecutions(
  scope: QueryScope,
  experiment: string,
  wanted: ReadonlySet<string>
): Promise<ReadonlyMap<string, object | undefined>> {
  const found = new Map<string, object | undefined>()
  if (wanted.size <= FEW) {
    for (const execution of wanted) {
      found.set(execution, await readRecord(scope, { kind: 'execution', experiment, execution }))
    }
    return found
  }
  const below = { kind: 'experiment', experiment } as const
  for await (const { key, record } of listRecords(
    scope.view,
    'execution',
    below,
    scope.onDamaged
  )) {
    found.set(key.execution, record)
  }
  return found
}

async function openEnvironments(
  { view, onDamaged }: QueryScope,
  environments: IndexCache,
  { index, count, alive }: IndexSnapshot,
  wanted: readonly WantedField[]
): Promise<EnvironmentRows> {
  const own = wanted.filter(({ field }) => field[0] === 'environment')
  const { result, damaged } = await environments.open(view, own, (snapshot) => {
    const rows = new Int32Array(count).fill(-1)
    for (let row = 0; row < count; row++) {
      if (alive[row] === 1) rows[row] = snapshot.index.rowOf(index.runAt(row)) ?? -1
    }
    return { snapshot, rows }
  })
  for (const damage of damaged) onDamaged(damage)
  return result
}

async function readRecord(
  { view, onDamaged }: { readonly view: QueryScope['view']; onDamaged(damage: Damage): void },
  key: KeyOf<'experiment'> | KeyOf<'execution'>
): Promise<object | undefined> {
  try {
    return await view.record(key)
  } catch (error) {
    onDamaged({ path: pathOf(key), error })
    return undefined
  }
}
