/**
 * Does one thing after another in a workspace until it is killed, and says each as soon as it is
 * acknowledged; for tests with processes.
 */
import { writeSync } from 'node:fs'
import { openWorkspace, startRun } from '../../src/node.ts'

const [folder = '', name = ''] = process.argv.slice(2)
const workspace = await openWorkspace({ folder, project: 'vision' })
const say = (...words: readonly (string | number)[]): void => {
  writeSync(1, `${words.join(' ')}\n`)
}

const put = async (turn: number): Promise<void> => {
  await workspace.runs.create({ in: 'vision/train', name: `${name}-${turn}` })
  say('run', `${name}-${turn}`)
}
const edit = async (turn: number): Promise<void> => {
  await workspace.experiments.update('vision/train', { tags: [`${name}-${turn}`] })
  say('tag', `${name}-${turn}`)
}
const transact = async (turn: number): Promise<void> => {
  await workspace.transaction(async (transaction) => {
    for (const part of ['a', 'b']) {
      await transaction.create('run', { in: 'vision/train', name: `${name}-${turn}-${part}` })
    }
  })
  say('run', `${name}-${turn}-a`)
  say('run', `${name}-${turn}-b`)
}
const track = async (turn: number): Promise<void> => {
  const run = await startRun({
    workspace: folder,
    project: 'vision',
    experiment: 'train',
    name: `${name}-${turn}`,
    code: false,
    quiet: true,
    push: false
  })
  say('run', `${name}-${turn}`)
  for (let step = 0; step < 200; step++) {
    run.log({ loss: 1 / (step + 1) }, { step })
    say('step', `${name}-${turn}`, step)
  }
  const { problems } = await run.finish()
  if (problems.length > 0) say('problem', ...problems)
}
const exchange = async (): Promise<void> => {
  await workspace.push({ in: 'vision' })
  await workspace.pull({ in: 'vision' })
}
const collect = async (): Promise<void> => {
  await workspace.gc({ in: 'vision' })
}

const STEPS = [put, track, edit, put, transact, exchange, put, track, collect]
say('ready')
for (let turn = Number(process.pid) % STEPS.length; ; turn++) {
  await (STEPS[turn % STEPS.length] as (turn: number) => Promise<void>)(turn)
}
