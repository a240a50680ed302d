// Bundles the command line, so that it starts from few files; what only some commands need is loaded by them.
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { licensesOf } from './licenses.mjs'

const FOLDER = 'dist/cli'

rmSync(FOLDER, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: FOLDER,
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  // The library loads it too, and only for remotes over HTTP.
  external: ['isomorphic-git'],
  // Packages of the older kind call `require`.
  banner: {
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)"
  },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning'
})
chmodSync(`${FOLDER}/main.js`, 0o755)
writeFileSync(`${FOLDER}/LICENSES.txt`, licensesOf(Object.keys(metafile.inputs)))
