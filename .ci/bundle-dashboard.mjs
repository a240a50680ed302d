// Bundles the dashboard into dist/dashboard, or the folder that is given: the page, what it loads later,
// and its style.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'
import { licensesOf } from './licenses.mjs'

const FROM = 'src/dashboard'
const TO = process.argv[2] ?? 'dist/dashboard'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

rmSync(TO, { recursive: true, force: true })
mkdirSync(TO, { recursive: true })
const modules = await Promise.all([
  bundle('main.tsx', {
    format: 'es',
    entryFileNames: 'main.js',
    chunkFileNames: (chunk) => nameOf(chunk, ''),
    codeSplitting: inEntry('main.tsx')
  }),
  bundle('worker.ts', {
    format: 'es',
    entryFileNames: 'worker.js',
    chunkFileNames: (chunk) => nameOf(chunk, 'worker-'),
    // Charts are what is looked at next: this part is small, and need not be waited for.
    codeSplitting: inEntry('worker.ts', '../store/series-overview.ts')
  }),
  // What a report has in it: one classic script, since a page of a file may load nothing.
  bundle('main.tsx', { format: 'iife', entryFileNames: 'report.js', codeSplitting: false }),
  build({
    entryPoints: { main: `${FROM}/style/index.css` },
    outdir: TO,
    bundle: true,
    minify: true,
    target: 'es2022',
    logLevel: 'warning'
  })
])
cpSync(`${FROM}/index.html`, `${TO}/index.html`)
writeFileSync(`${TO}/parts/LICENSES.txt`, licensesOf(modules.slice(0, 3).flat()))

/** Bundles what an entry imports; returns the paths of the modules. */
async function bundle(entry, output) {
  const bundled = await rolldown({
    input: `${FROM}/${entry}`,
    platform: 'browser',
    // Parts may import from the file that loads them.
    preserveEntrySignatures: false,
    transform: {
      target: 'es2022',
      jsx: { runtime: 'automatic', importSource: 'preact' },
      define: { RUNTREE_VERSION: JSON.stringify(version) }
    }
  })
  const written = await bundled.write({ dir: TO, minify: true, comments: false, ...output })
  await bundled.close()
  return written.output.flatMap((chunk) => chunk.moduleIds ?? [])
}

/**
 * Keeps all that an entry needs from the beginning in its one file, also what parts need besides, and further
 * modules that are loaded when they are needed.
 */
function inEntry(...entries) {
  let needed
  const name = (id, context) => {
    needed ??= importsOf(
      entries.map((entry) => resolve(FROM, entry)),
      context
    )
    return needed.has(id) ? 'entry' : null
  }
  return { groups: [{ name, debugName: 'entry' }] }
}

function importsOf(starts, context) {
  const found = new Set(starts)
  for (const id of found) {
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported)
  }
  return found
}

/** Names a part; a package that stands alone is one file for the page and the worker. */
function nameOf({ name, moduleIds }, prefix) {
  const isPackage = moduleIds.every((id) => id.includes('node_modules'))
  return isPackage ? 'parts/package-[hash].js' : `parts/${prefix}${name}-[hash].js`
}
