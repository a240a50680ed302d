import { concatBytes, formatHex } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/json.ts'
import { editRecord, endAttempt, startAttempt } from '../../src/format/edit.ts'
import { summarizeResult, summarizeRun } from '../../src/format/merge-summaries.ts'
import {
  artifactPath,
  folderOf,
  partOf,
  pathOf,
  rowsPath,
  seriesPath
} from '../../src/format/paths.ts'
import { parseRecord } from '../../src/format/record.ts'
import { formatRow } from '../../src/format/rows.ts'
import {
  formatPoint,
  parseSeries,
  SERIES_HEADER,
  type WriterPoints
} from '../../src/format/series.ts'
import { nextStamp } from '../../src/format/stamp.ts'
import { readCommit } from '../../src/git/commit.ts'
import type { Oid } from '../../src/git/objects.ts'
import { readPath } from '../../src/git/tree-walk.ts'
import type { KeyOf, Kind } from '../../src/model/kinds.ts'
import { type Changes, file, hash, type Replica, text } from './merge-replica.ts'

const experiment = 'e'
const RUNS = ['aaaaaaaaaaaa', 'aaaaaaaaaaab', 'ab0000000000', 'b00000000000']
const EXECUTIONS = ['111111111111', '112222222222', '333333333333']
const TAGS = ['x', 'y', 'z/z']
const METRICS = ['loss', 'train/f1']

/** What somebody was told to be stored: by which commit, and under which stamp. */
export interface Acknowledged {
  readonly path: string
  readonly commitOid: Oid
  readonly run?: string
  readonly field?: { readonly path: string; readonly stamp: string }
  readonly point?: string
}

/** What happened in a schedule. */
export interface Events {
  readonly changes: Acknowledged[]
  readonly deletes: { readonly path: string; readonly commitOid: Oid }[]
}

/** Does random things on replicas. */
export class Actor {
  readonly events: Events = { changes: [], deletes: [] }
  readonly #random: () => number
  /** Heads at which a path existed. */
  readonly #seen = new Map<string, Oid[]>()
  /** The name under which a replica writes a run's parts: a new one each time that it opens the run. */
  readonly #writers = new Map<string, string>()
  #counter = 0

  constructor(random: () => number) {
    this.#random = random
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T
  }

  /** Does one random thing on a replica; it may turn out to be impossible there. */
  async act(replica: Replica, withDeletes: boolean): Promise<void> {
    const steps = [
      () => this.#startRun(replica),
      () => this.#startRun(replica),
      () => this.#editRun(replica),
      () => this.#editRun(replica),
      () => this.#endRun(replica),
      () => this.#logPoints(replica),
      () => this.#logPoints(replica),
      () => this.#addRows(replica),
      () => this.#putArtifact(replica),
      () => this.#putInside(replica),
      () => this.#putElsewhere(replica),
      () => this.#addCommit(replica),
      ...(withDeletes
        ? [
            () => this.#deleteRun(replica),
            () => this.#deleteInside(replica),
            () => this.#deleteExecution(replica),
            () => this.#restoreRun(replica)
          ]
        : [])
    ]
    await this.pick(steps)()
  }

  #open(replica: Replica, run: string): void {
    const writer = `${replica.writer[0]}${this.#writers.size}${this.#counter++}`.padEnd(6, '0')
    this.#writers.set(`${replica.writer} ${run}`, writer)
  }

  #writerOf(replica: Replica, { run }: { readonly run: string }): string {
    return this.#writers.get(`${replica.writer} ${run}`) ?? replica.writer
  }

  run(): KeyOf<'run'> {
    return { kind: 'run', experiment, run: this.pick(RUNS) }
  }

  async #startRun(replica: Replica): Promise<void> {
    const key = this.run()
    const old = await replica.record(key)
    this.#open(replica, key.run)
    const execution = this.pick(EXECUTIONS)
    const changes: Changes = new Map()
    await this.#needExecution(replica, execution, changes)
    const stamp = nextStamp(replica.clock, replica.writer, old)
    const fresh = {
      schema: 'run/1',
      created: replica.now(),
      execution,
      status: 'running',
      attempt: stamp,
      params: { k: this.#counter++ }
    } as const
    const run =
      old === undefined ? fresh : startAttempt(editRecord('run', old, { execution }, stamp), stamp)
    changes.set(pathOf(key), file('run', run))
    await this.#commit(replica, folderOf(key), changes, { run: key.run })
  }

  async #needExecution(replica: Replica, execution: string, changes: Changes): Promise<void> {
    const path = pathOf({ kind: 'execution', experiment, execution })
    if ((await replica.find(path)) !== undefined) return
    const tree = execution.padEnd(40, '0')
    changes.set(path, file('execution', { schema: 'execution/1', tree }))
  }

  async #editRun(replica: Replica): Promise<void> {
    const key = this.run()
    const old = await replica.record(key)
    if (old === undefined) return
    const metric = this.pick(METRICS)
    // A removal hides all points that it has seen, also those of a clock that is ahead.
    const points = (await readSeries(replica, key)).flatMap((part) => part.points)
    const times = points.filter((point) => point.metric === metric).map(({ time }) => time)
    const stamp = nextStamp(replica.clock, replica.writer, old, Math.max(0, ...times))
    const tag = this.pick(TAGS)
    const tags = old.tags ?? []
    const value = this.#counter++
    const edits: { [field: string]: [string, Json | undefined] } = {
      params: [`params/${this.pick(['lr', 'k'])}`, value],
      tags: [
        `tags/${tag.replace('/', '~1')}`,
        tags.includes(tag) ? tags.filter((t) => t !== tag) : [...tags, tag]
      ],
      name: ['name', `name ${value}`],
      notes: ['notes', this.#random() < 0.3 ? undefined : `note ${value}`],
      status: ['status', this.pick(['failed', 'finished'])],
      metrics: [`metrics/${metric.replace('/', '~1')}`, undefined]
    }
    const field = this.pick(Object.keys(edits))
    const [path, wanted] = edits[field] as [string, Json | undefined]
    const member = path.slice(path.indexOf('/') + 1).replaceAll('~1', '/')
    const isMember = field === 'params' || field === 'metrics'
    const changed = editRecord(
      'run',
      old,
      { [field]: isMember ? { [member]: wanted } : wanted },
      stamp
    )
    if (changed.edits?.[path] !== stamp) return
    const changes = new Map([[pathOf(key), file('run', changed)]])
    await this.#commit(replica, folderOf(key), changes, { run: key.run, field: { path, stamp } })
  }

  async #endRun(replica: Replica): Promise<void> {
    const key = this.run()
    const old = await replica.record(key)
    if (old === undefined) return
    const status = this.pick(['finished', 'failed', 'interrupted'] as const)
    const stamp = nextStamp(replica.clock, replica.writer, old)
    const ended = endAttempt(old, { status, finished: replica.now() }, stamp)
    await this.#commit(replica, folderOf(key), new Map([[pathOf(key), file('run', ended)]]), {
      run: key.run
    })
  }

  async #logPoints(replica: Replica): Promise<void> {
    const key = this.run()
    const old = await replica.record(key)
    if (old === undefined) return
    const writer = this.#writerOf(replica, key)
    const path = seriesPath(key, writer, 0)
    const time = replica.clock.now()
    const split = this.pick([undefined, 'a', 'b'])
    const point = formatPoint({
      step: this.#counter++,
      time,
      metric: this.pick(METRICS),
      ...(split !== undefined && { split }),
      value: this.#random()
    })
    const before = (await replica.bytes(path)) ?? text(SERIES_HEADER)
    const grown = concatBytes([before, text(point)])
    const parts = (await readSeries(replica, key)).filter((part) => part.writer !== writer)
    const all = [...parts, { writer, points: parseSeries(grown).points }]
    const run = summarizeRun(old, all)
    const changes = new Map([
      [path, grown],
      [pathOf(key), file('run', run)]
    ])
    await this.#commit(replica, folderOf(key), changes, { run: key.run, point })
  }

  async #addRows(replica: Replica): Promise<void> {
    const run = this.run()
    if ((await replica.record(run)) === undefined) return
    const key = { ...run, kind: 'result', name: this.pick(['cases', 'more']) } as const
    const path = rowsPath(run, key.name, this.#writerOf(replica, run), 0)
    const row = formatRow({
      id: this.#counter++,
      score: this.#random(),
      ...(this.#random() < 0.3 && { note: this.pick<Json>(['a', 1, true]) })
    })
    const grown = concatBytes([(await replica.bytes(path)) ?? text(''), text(row)])
    const fresh = { schema: 'result/1', created: replica.now(), name: key.name, rows: 0 } as const
    const header = (await replica.record(key)) ?? fresh
    const parts = [...(await readRows(replica, folderOf(key))).set(path, grown)].sort()
    const result = summarizeResult(
      header,
      parts.map(([, bytes]) => bytes)
    )
    await this.#commit(
      replica,
      folderOf(key),
      new Map([
        [path, grown],
        [pathOf(key), file('result', result)]
      ]),
      { run: run.run }
    )
  }

  async #putArtifact(replica: Replica): Promise<void> {
    const key = this.run()
    const old = await replica.record(key)
    if (old === undefined) return
    const name = this.pick(['model', 'plots/a'])
    const stamp = nextStamp(replica.clock, replica.writer, old)
    const [blob, reference] = [artifactPath(key, name), pathOf({ ...key, kind: 'artifact', name })]
    const uri = `s3://${this.#counter++}`
    const content = text(uri)
    const digest = `sha256:${formatHex(hash.sha256(content))}`
    const form = this.pick(['blob', 'blob', 'reference', 'none'])
    const changes: Changes = new Map()
    if (form !== 'blob' && (await replica.find(blob))) changes.set(blob, null)
    if (form !== 'reference' && (await replica.find(reference))) changes.set(reference, null)
    if (form === 'blob') changes.set(blob, content)
    if (form === 'reference') {
      changes.set(
        reference,
        file('artifact', { schema: 'artifact/1', created: replica.now(), uri })
      )
    }
    const entries = { blob: { digest }, reference: { uri }, none: undefined }
    const entry = entries[form as keyof typeof entries]
    const run = editRecord('run', old, { artifacts: { [name]: entry } }, stamp)
    changes.set(pathOf(key), file('run', run))
    await this.#commit(replica, folderOf(key), changes, { run: key.run })
  }

  /** Puts a split, a computation, a structured metric or the environment of a run. */
  async #putInside(replica: Replica): Promise<void> {
    const run = this.run()
    if ((await replica.record(run)) === undefined) return
    const place = { experiment, run: run.run, name: this.pick(['a', 'b']) }
    const key = this.pick([
      { kind: 'split', ...place },
      { kind: 'computation', ...place },
      { kind: 'metric', ...place },
      { kind: 'environment', experiment, run: run.run }
    ] as const)
    const n = this.#counter++
    const fields = {
      split: { test: { count: n } },
      computation: { params: { [this.pick(TAGS)]: n } },
      metric: { value: [n] },
      environment: { host: `host-${n}`, packages: { a: `${n}` } }
    }
    await this.#putRecord(replica, key, 'name' in key ? { name: key.name } : {}, fields[key.kind])
  }

  async #putElsewhere(replica: Replica): Promise<void> {
    const n = this.#counter++
    const tags = [this.pick(TAGS), this.pick(TAGS)]
    const key = this.pick([
      { kind: 'project' },
      { kind: 'dataset', dataset: 'd' },
      { kind: 'view', view: 'v' },
      { kind: 'experiment', experiment }
    ] as const)
    const own = {
      project: { id: '0'.repeat(12), name: 'p' },
      dataset: { name: 'd' },
      view: { name: 'v', state: {} },
      experiment: { name: 'e' }
    }
    const fields = {
      project: { tags, notes: `${n}` },
      dataset: { tags: [...new Set(tags)], rows: n },
      view: { state: { n } },
      experiment: { tags: [...new Set(tags)], metrics: { [this.pick(METRICS)]: { unit: `${n}` } } }
    }
    await this.#putRecord(replica, key, own[key.kind], fields[key.kind])
  }

  async #putRecord<K extends Kind>(
    replica: Replica,
    key: KeyOf<K> & { kind: K },
    own: object,
    fields: object
  ): Promise<void> {
    const old = await replica.record<K>(key as never)
    const { kind } = key
    const unique = 'tags' in fields ? { tags: [...new Set(fields.tags as string[])] } : {}
    const wanted = { ...fields, ...unique } as { [field: string]: Json }
    const fresh = { schema: `${kind}/1`, created: replica.now(), ...own, ...wanted }
    const stamp = nextStamp(replica.clock, replica.writer, old as object)
    const record = old === undefined ? (fresh as never) : editRecord(kind, old, wanted, stamp)
    const path = pathOf(key as never)
    await this.#commit(replica, path, new Map([[path, file(kind, record)]]), {
      ...('run' in key && { run: key.run as string })
    })
  }

  async #addCommit(replica: Replica): Promise<void> {
    const key = { kind: 'execution', experiment, execution: this.pick(EXECUTIONS) } as const
    const old = await replica.record(key)
    if (old === undefined) return
    const commit = `${this.#counter++}`.padStart(40, 'c')
    const record = editRecord(
      'execution',
      old,
      { commits: [...(old.commits ?? []), commit] },
      replica.now()
    )
    await this.#commit(
      replica,
      folderOf(key),
      new Map([[pathOf(key), file('execution', record)]]),
      {}
    )
  }

  async #deleteRun(replica: Replica): Promise<void> {
    const key = this.run()
    if ((await replica.record(key)) === undefined) return
    await this.#delete(replica, folderOf(key))
  }

  async #deleteInside(replica: Replica): Promise<void> {
    const run = this.run()
    const place = { experiment, run: run.run }
    const key = this.pick([
      { kind: 'split', ...place, name: this.pick(['a', 'b']) },
      { kind: 'computation', ...place, name: this.pick(['a', 'b']) },
      { kind: 'result', ...place, name: this.pick(['cases', 'more']) }
    ] as const)
    if ((await replica.find(folderOf(key))) === undefined) return
    this.#open(replica, run.run)
    await this.#delete(replica, folderOf(key))
  }

  async #deleteExecution(replica: Replica): Promise<void> {
    const key = { kind: 'execution', experiment, execution: this.pick(EXECUTIONS) } as const
    if ((await replica.record(key)) === undefined) return
    for (const run of RUNS) {
      const record = await replica.record({ kind: 'run', experiment, run })
      if (record?.execution === key.execution) return
    }
    await this.#delete(replica, folderOf(key))
  }

  async #delete(replica: Replica, path: string): Promise<void> {
    this.#seen.set(path, [...(this.#seen.get(path) ?? []), replica.headOid])
    const commitOid = await replica.commit(new Map([[path, null]]))
    this.events.deletes.push({ path, commitOid })
  }

  /** Puts a run that is gone back as it was at some earlier commit of this replica. */
  async #restoreRun(replica: Replica): Promise<void> {
    const key = this.run()
    const path = folderOf(key)
    if ((await replica.find(path)) !== undefined) return
    const known = (this.#seen.get(path) ?? []).filter((oid) => replica.store.objects.has(oid))
    if (known.length === 0) return
    const commit = await readCommit(replica.store, this.pick(known))
    const entry = await readPath(replica.store, commit.tree, path)
    if (entry === undefined) return
    this.#open(replica, key.run)
    const target = await readPath(replica.store, commit.tree, pathOf(key))
    const bytes = replica.store.objects.get(target?.oid ?? '')?.bytes as Uint8Array
    const changes: Changes = new Map([[path, { mode: entry.mode, oid: entry.oid }]])
    const { execution } = await parseRecord('run', bytes, pathOf(key))
    if (execution !== undefined) await this.#needExecution(replica, execution, changes)
    await this.#commit(replica, path, changes, { run: key.run })
  }

  async #commit(
    replica: Replica,
    path: string,
    changes: Changes,
    what: Omit<Acknowledged, 'path' | 'commitOid'>
  ): Promise<void> {
    const before = await replica.treeOid()
    const commitOid = await replica.commit(changes)
    // Who puts what is there already has not told anybody anything.
    if ((await replica.treeOid()) === before) return
    this.events.changes.push({ path, commitOid, ...what })
  }
}

/** Reads the series of a run in parts. */
export async function readSeries(replica: Replica, run: KeyOf<'run'>): Promise<WriterPoints[]> {
  const parts: WriterPoints[] = []
  const folder = `${folderOf(run)}/series`
  for (const { name, oid } of await replica.list(folder)) {
    const part = partOf(`${folder}/${name}`)
    if (part?.part !== 'series') continue
    const bytes = replica.store.objects.get(oid)?.bytes as Uint8Array
    parts.push({ writer: part.writer, number: part.number, points: parseSeries(bytes).points })
  }
  return parts
}

/** Reads the rows of a result in parts, by path. */
export async function readRows(replica: Replica, folder: string): Promise<Map<string, Uint8Array>> {
  const parts = new Map<string, Uint8Array>()
  for (const { name, oid } of await replica.list(folder)) {
    if (!name.endsWith('.jsonl')) continue
    parts.set(`${folder}/${name}`, replica.store.objects.get(oid)?.bytes as Uint8Array)
  }
  return parts
}

/** All runs that may exist in a schedule. */
export const ALL_RUNS: readonly KeyOf<'run'>[] = RUNS.map((run) => ({
  kind: 'run',
  experiment,
  run
}))
