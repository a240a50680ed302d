// Bundles the dashboard into dist/dashboard, or the folder that is given: the page, what it loads later,
// and its style.
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

const FROM = 'src/dashboard'
const TO = process.argv[2] ?? 'dist/dashboard'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

const common = {
  bundle: true,
  minify: true,
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'linked',
  logLevel: 'warning'
}

rmSync(TO, { recursive: true, force: true })
mkdirSync(TO, { recursive: true })
await Promise.all([
  build({
    ...common,
    entryPoints: { main: `${FROM}/main.tsx` },
    outdir: TO,
    format: 'esm',
    splitting: true,
    chunkNames: 'parts/[name]-[hash]'
  }),
  // What a report has in it: one classic script, since a page of a file may load nothing.
  build({
    ...common,
    entryPoints: { report: `${FROM}/main.tsx` },
    outdir: TO,
    format: 'iife',
    legalComments: 'none'
  }),
  build({
    ...common,
    entryPoints: { worker: `${FROM}/worker.ts` },
    outdir: TO,
    format: 'esm',
    splitting: true,
    chunkNames: 'parts/worker-[name]-[hash]',
    define: { RUNTREE_VERSION: JSON.stringify(version) }
  }),
  build({ ...common, entryPoints: { main: `${FROM}/style/index.css` }, outdir: TO })
])
cpSync(`${FROM}/index.html`, `${TO}/index.html`)
