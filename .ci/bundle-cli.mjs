// Bundles the command line, so that it starts from few files; what only some commands need is loaded by them.
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

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

/** Collects the licences of the packages whose files are in the bundle. */
function licensesOf(inputs) {
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
  const texts = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
    if (file === undefined) throw new TypeError(`${name} has no file with its licence`)
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`
  })
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}
