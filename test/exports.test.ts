import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Every name that the package exports; a change here is a change for its users. */
const VALUES = [
  'CodedError',
  'formatFilter',
  'isCoded',
  'openWorkspace',
  'parseFilter',
  'runFields',
  'startRun',
  'track'
]
const TYPES = [
  'Aggregate',
  'AnyListener',
  'ArtifactContent',
  'ArtifactEntry',
  'ArtifactReferenceRecord',
  'ArtifactService',
  'ArtifactSummary',
  'BestOptions',
  'CloneReport',
  'CloneRequest',
  'CodeDifference',
  'CodeOptions',
  'ColumnAggregate',
  'ColumnType',
  'CompareOptions',
  'CompareRowsOptions',
  'ComparedField',
  'ComparedRow',
  'ComparedRows',
  'ComparedRun',
  'ComparedSection',
  'ComparisonOperator',
  'ComputationRecord',
  'ContentsOptions',
  'CreateIn',
  'DatasetAttribute',
  'DatasetRecord',
  'DatasetReference',
  'DeleteOptions',
  'DeleteReport',
  'DiffHunk',
  'DiffLine',
  'DurationValue',
  'EditableRecord',
  'Emitter',
  'EnvironmentRecord',
  'EventName',
  'ExchangeOptions',
  'ExchangeProgress',
  'ExecutionRecord',
  'ExperimentRecord',
  'FieldDescription',
  'FieldPath',
  'FieldType',
  'Fields',
  'FileDifference',
  'Filter',
  'FilterInput',
  'FilterValue',
  'FindOptions',
  'FindResult',
  'FoundRun',
  'Freshness',
  'GcOptions',
  'GetOptions',
  'GetResult',
  'GroupOptions',
  'GroupResult',
  'HistoryEntry',
  'HistoryOptions',
  'Json',
  'JsonObject',
  'JsonValue',
  'KeyOf',
  'Kind',
  'ListOptions',
  'LiveChanges',
  'LiveRun',
  'LiveRunChanges',
  'LogOptions',
  'MergeConflict',
  'MetricDeclaration',
  'MetricRecord',
  'MetricSummary',
  'MetricValues',
  'NowValue',
  'ObjectKey',
  'ObjectToPut',
  'Oid',
  'OpenWorkspaceOptions',
  'OverviewColumns',
  'ProjectDirectory',
  'ProjectGarbageReport',
  'ProjectRecord',
  'ProjectStatus',
  'PublishPlan',
  'PublishRequest',
  'Published',
  'PullRequest',
  'PurgeOptions',
  'PurgeReport',
  'PurgedRecord',
  'PushRequest',
  'PutOptions',
  'PutResult',
  'QueryOptions',
  'QueuedPushes',
  'ReadOptions',
  'RecordOfKind',
  'RecoveredRun',
  'RemoteChoice',
  'RemoteDeletion',
  'RemoteDescription',
  'RemoteEntry',
  'RemotePrefix',
  'RemoteService',
  'RemoteSettings',
  'ResultColumn',
  'ResultRecord',
  'RowChange',
  'RowComparison',
  'RowSide',
  'Run',
  'RunComparison',
  'RunComputation',
  'RunContents',
  'RunEnd',
  'RunEntry',
  'RunError',
  'RunGroup',
  'RunPartKey',
  'RunPartKind',
  'RunRecord',
  'RunRecordKind',
  'RunReport',
  'RunService',
  'RunSettings',
  'RunSplit',
  'RunStatus',
  'RunTable',
  'RunText',
  'SectionName',
  'SeriesColumns',
  'SeriesPoint',
  'Service',
  'Snapshot',
  'SnapshotService',
  'SplitPart',
  'SplitRecord',
  'Stamp',
  'StartRun',
  'StatusRequest',
  'StoreKept',
  'StoredCode',
  'StoredObject',
  'SyncReport',
  'SyncStatus',
  'SyncedRef',
  'TimeValue',
  'UnknownField',
  'UnreadableRecord',
  'ValueChange',
  'VerifyNote',
  'VerifyProblem',
  'VerifyRepair',
  'VerifyReport',
  'VerifyRequest',
  'ViewRecord',
  'Workspace',
  'WorkspaceEvents',
  'WorkspaceTransaction',
  'WriteOptions'
]

/** Returns the names that a module exports, types among them. */
function exportedNames(text: string): readonly string[] {
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
  const own = [
    ...text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)
  ]
  const listed = lists.flatMap((match) => (match[1] as string).split(','))
  return [
    ...listed.map((name) => name.trim()).filter(Boolean),
    ...own.map(([, name]) => name as string)
  ]
}

describe('the package', () => {
  const manifest = JSON.parse(read('package.json'))

  it('exports these names and no others', async () => {
    const names = [...exportedNames(read('src/index.ts')), ...exportedNames(read('src/node.ts'))]
    expect(names.sort()).to.deep.equal([...VALUES, ...TYPES].sort())
  })

  it('exports these values from what was built', async () => {
    expect(
      Object.keys(await import(join(root, manifest.exports['.'].default))).sort()
    ).to.deep.equal(VALUES)
  })

  it('has each file that its manifest names', () => {
    const { types, default: module } = manifest.exports['.']
    const missing = [types, module, manifest.bin.runtree].filter(
      (path) => !existsSync(join(root, path))
    )
    expect(missing).to.deep.equal([])
    expect(read(manifest.bin.runtree)).to.match(/^#!\/usr\/bin\/env node\n/)
  })

  it('has a command that imports no package but those that are installed with it', () => {
    const folder = join(root, 'dist/cli')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const texts = files
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
    const imported = texts.flatMap((text) =>
      [
        ...text.matchAll(
          /^(?:import|export|\} from)\b.*?["']([^"']+)["'];$|\bimport\("([^"]+)"\)/gm
        )
      ].map(([, from, lazily]) => (from ?? lazily) as string)
    )
    const packages = imported.filter((name) => !/^(\.|node:)/.test(name) && !isBuiltin(name))
    const installed = Object.keys(manifest.dependencies)
    expect(imported).to.include.members(['node:fs', 'isomorphic-git/managers'])
    expect(
      packages.filter((name) => !installed.includes(name.split('/')[0] as string))
    ).to.deep.equal([])
  })

  it('lets nobody import what it does not export', () => {
    const script = "import('runtree/dist/git/tree.js').catch((error) => console.log(error.code))"
    const printed = execFileSync('node', ['--eval', script], { cwd: root, encoding: 'utf8' })
    expect(printed.trim()).to.equal('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  it('packs what its users need, and nothing that only its developers need', () => {
    const options = { cwd: root, encoding: 'utf8', stdio: 'pipe' } as const
    const printed = execFileSync(
      'npm',
      ['pack', '--dry-run', '--json', '--ignore-scripts'],
      options
    )
    const packed: readonly string[] = JSON.parse(printed)[0].files.map(
      (file: { readonly path: string }) => file.path
    )
    expect(packed).to.include.members([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'dist/cli/LICENSES.txt',
      'dist/cli/main.js',
      'dist/model/validators.js',
      'dist/node.d.ts',
      'dist/node.js',
      'docs/FORMAT.md',
      'docs/schemas/run-1.json'
    ])
    const others = packed.filter(
      (path) => !/^(dist|docs)\/|^(CHANGELOG|README)\.md$|^LICENSE$|^package\.json$/.test(path)
    )
    expect(others).to.deep.equal([])
    const wanted = read('README.md').matchAll(/\]\((docs\/[^)#]+\.\w+)/g)
    for (const [, path] of wanted) expect(packed).to.include(path)
  })

  it('names the licence that it bears, and the version of the newest entry of its changelog', () => {
    expect(manifest.license).to.equal('Apache-2.0')
    expect(read('LICENSE')).to.include('Apache License').and.include('Version 2.0, January 2004')
    expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))?.[1]).to.equal(manifest.version)
  })
})
