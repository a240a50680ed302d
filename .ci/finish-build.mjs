// Finishes a build: adds what the compiler does not make, and lets the command be started.
import { chmodSync, cpSync } from 'node:fs'

for (const name of ['validators.js', 'validators.d.ts']) {
  cpSync(`src/model/${name}`, `dist/model/${name}`)
}
chmodSync('dist/cli/main.js', 0o755)
