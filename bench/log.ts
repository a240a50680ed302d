/**
 * `run.log` of one metric against `fs.writeSync` of such lines, made beforehand, and of the same rows made into JSON
 * when they are written: each is one write(2) when it returns.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRun } from '../src/node.ts'
import { describeMachine, formatRatio, formatTable, measure, report } from './harness.ts'

const ROWS = 20_000

export async function benchLog(): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'runtree-bench-'))
  const { RUNTREE_HOME } = process.env
  process.env.RUNTREE_HOME = join(folder, 'workspace')
  try {
    const run = await startRun({ project: 'bench', experiment: 'train', code: false, push: false })
    await run.flush()
    run.log({ loss: 0.5 }, { step: 0 })
    const lines = journalLines(join(folder, 'workspace'))
    const line = Buffer.from(lines.at(-1) as string)
    const fd = fs.openSync(join(folder, 'rows'), 'a')
    const measured = await measure(
      [
        {
          name: 'run.log',
          async run() {
            for (let step = 0; step < ROWS; step++) run.log({ loss: 1 / (step + 1) }, { step })
          }
        },
        {
          name: 'fs.writeSync',
          async run() {
            for (let step = 0; step < ROWS; step++) fs.writeSync(fd, line)
          }
        },
        {
          name: 'JSON.stringify',
          async run() {
            for (let step = 0; step < ROWS; step++) {
              const row = { log: { loss: 1 / (step + 1) }, step, time: Date.now() }
              fs.writeSync(fd, `${JSON.stringify(row)}\n`)
            }
          }
        }
      ],
      { turns: 9, warmUps: 2 }
    )
    fs.closeSync(fd)
    await run.finish()
    const [own, bare, made] = measured.map(({ medianMs }) => medianMs) as [number, number, number]
    const rate = (ms: number): string => `${Math.round((ROWS / ms) * 1000)}`
    const table = formatTable([
      ['', 'rows/s', 'run.log against it'],
      ['run.log', rate(own), ''],
      ['fs.writeSync of lines that are there', rate(bare), formatRatio(bare, own)],
      ['fs.writeSync of JSON.stringify(row)', rate(made), formatRatio(made, own)]
    ])
    process.stdout.write(`${table}\n`)
    report('log', `${table}\n\n${describeMachine('npm run bench -- log')}`)
  } finally {
    if (RUNTREE_HOME === undefined) delete process.env.RUNTREE_HOME
    else process.env.RUNTREE_HOME = RUNTREE_HOME
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** Reads the lines of the one journal below a folder. */
function journalLines(folder: string): readonly string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const journals = names
    .filter((name) => name.includes('runtree/journal/'))
    .map((name) => join(folder, name))
    .filter((path) => fs.statSync(path).isFile())
  const texts = journals.map((path) => fs.readFileSync(path, 'utf8'))
  const text = texts.find((each) => each.includes('loss')) as string
  return text.match(/.*\n/g) as readonly string[]
}
