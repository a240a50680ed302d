// Finishes a build: adds what the compiler does not make.
import { cpSync } from 'node:fs'

for (const name of ['validators.js', 'validators.d.ts']) {
  cpSync(`src/model/${name}`, `dist/model/${name}`)
}
