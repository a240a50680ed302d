import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

/** The folders of `src` that each folder may import, besides itself (docs/ARCHITECTURE.md, “Floors”). */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  git: ['base'],
  format: ['base', 'model'],
  artifacts: ['base', 'git'],
  host: ['base', 'git', 'remote'],
  remote: ['base', 'git'],
  store: ['base', 'model', 'format', 'git', 'remote', 'artifacts'],
  query: ['base', 'model', 'format', 'git', 'store'],
  service: ['base', 'model', 'format', 'artifacts', 'store', 'query'],
  cli: ['base', 'service', 'dashboard'],
  dashboard: ['base', 'model', 'service'],
  '.': [
    'base',
    'model',
    'git',
    'format',
    'remote',
    'artifacts',
    'store',
    'query',
    'service',
    'host'
  ]
}

/** The files that wire an application to its platform, and what they may import besides. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'cli/main.ts': ['node.ts', 'host/node/web-server.ts', 'host/node/open-browser.ts'],
  'dashboard/remote-source.ts': ['browser.ts']
}

/** The only files that may import each package; a name that ends in `/` stands for a folder. */
const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  'cli-progress': ['cli/progress.ts'],
  commander: ['cli/arguments.ts'],
  '@preact/signals': ['dashboard/'],
  '@tanstack/virtual-core': ['dashboard/parts/virtual-rows.ts'],
  dompurify: ['dashboard/parts/sanitize.ts'],
  marked: ['dashboard/parts/sanitize.ts'],
  preact: ['dashboard/'],
  uplot: ['dashboard/charts/'],
  diff: ['query/code-diff.ts', 'query/text-diff.ts'],
  '@noble/hashes': ['host/browser/hash.ts'],
  fflate: ['host/browser/zlib.ts'],
  'hyparquet-writer': ['cli/parquet.ts'],
  'isomorphic-git': ['host/node/http.ts'],
  memfs: ['host/memory/file-system.ts'],
  picocolors: ['cli/colors.ts'],
  re2js: ['query/language/pattern.ts'],
  'string-width': ['cli/printable.ts', 'cli/table.ts'],
  yaml: ['format/yaml-foreign.ts']
}

const MAX_LINES = 300

const root = fileURLToPath(new URL('../src', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
  .sort()

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g

/** What each file imports, types included. */
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [file, [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')]
  })
)

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '.'
}

function targetOf(file: string, specifier: string): string {
  return relative(root, join(root, dirname(file), specifier))
    .split(sep)
    .join('/')
}

function localImports(file: string): readonly string[] {
  return (imports.get(file) ?? [])
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => targetOf(file, specifier))
}

describe('architecture', () => {
  it('finds the files and their imports', () => {
    expect(files).to.include('base/errors.ts')
    expect(localImports('store/view.ts')).to.include('format/record.ts')
  })

  it('imports only downwards', () => {
    const wrong = files.flatMap((file) =>
      localImports(file)
        .filter((target) => folderOf(target) !== folderOf(file))
        .filter((target) => !FLOORS[folderOf(file)]?.includes(folderOf(target)))
        .filter((target) => !DOORS[file]?.includes(target))
        .map((target) => `${file} -> ${target}`)
    )
    expect(wrong).to.deep.equal([])
  })

  it('has no cycle, type-only imports included', () => {
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, trail: readonly string[]): void => {
      const at = trail.indexOf(file)
      if (at >= 0) cycles.push([...trail.slice(at), file].join(' -> '))
      if (at >= 0 || done.has(file)) return
      for (const target of localImports(file)) visit(target, [...trail, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).to.deep.equal([])
  })

  it('imports each package, and the platform, only from the files that own it', () => {
    const wrong = files.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter((specifier) => !specifier.startsWith('.'))
        .filter((specifier) => !mayImport(file, specifier))
        .map((specifier) => `${file} -> ${specifier}`)
    )
    expect(wrong).to.deep.equal([])
  })

  it(`keeps every file within ${MAX_LINES} lines`, () => {
    const long = files
      .map((file) => ({
        file,
        lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1
      }))
      .filter(({ lines }) => lines > MAX_LINES)
    expect(long).to.deep.equal([])
  })

  it('throws coded errors or TypeErrors, no bare ones', () => {
    const bare = files.filter((file) =>
      /throw new Error\(/.test(readFileSync(join(root, file), 'utf8'))
    )
    expect(bare).to.deep.equal([])
  })
})

function mayImport(file: string, specifier: string): boolean {
  if (specifier.startsWith('node:')) {
    return file.startsWith('host/node/') || file === 'cli/main.ts' || file === 'node.ts'
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const owners = PACKAGE_OWNERS[name] ?? []
  return owners.some((owner) => owner === file || (owner.endsWith('/') && file.startsWith(owner)))
}
