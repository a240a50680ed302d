import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

import { type Desk, openDesk } from '../cli/desk.ts'
import { createTestTracking } from '../support/tracking.ts'

const MINE = 'this is mine\n'

describe('a target folder in which somebody put links', () => {
  let desk: Desk
  let run: string
  /** Where nothing may be written. */
  let elsewhere: string
  before(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'vision'])
    const tracking = createTestTracking(join(desk.folder, '.runtree'))
    const handle = await tracking.startRun({ project: 'vision', experiment: 'train' })
    handle.log({ acc: 0.5 })
    await handle.artifact('plots/model.txt', 'a model')
    await handle.finish()
    await tracking.store.close()
    run = handle.address
    elsewhere = join(desk.folder, 'elsewhere')
  })
  after(() => desk.remove())
  beforeEach(() => {
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'mine'), MINE)
  })
  afterEach(() => {
    for (const name of ['elsewhere', 'out', 'whole']) {
      rmSync(join(desk.folder, name), { recursive: true, force: true })
    }
  })

  const COMMANDS: readonly (readonly [name: string, args: (out: string) => readonly string[]])[] = [
    ['export of a run', (out) => ['export', run, out, '--force']],
    ['export of an experiment', (out) => ['export', 'train', out, '--force']],
    ['artifacts get', (out) => ['artifacts', 'get', run, '--output', out, '--force']]
  ]
  for (const [name, args] of COMMANDS) {
    it(`is not left by ${name}, whichever of its files and folders is a link`, async () => {
      const whole = join(desk.folder, 'whole')
      const { status, err } = await desk.ask(args(whole))
      expect(status, err).to.equal(0)
      const paths = readdirSync(whole, { recursive: true, encoding: 'utf8' })
      expect(paths.length).to.be.greaterThan(1)
      for (const path of paths) {
        const isFolder = statSync(join(whole, path)).isDirectory()
        await expectHeld(args, path, (place) =>
          symlinkSync(isFolder ? elsewhere : join(elsewhere, 'mine'), place)
        )
        await expectHeld(args, path, (place) => symlinkSync(join(elsewhere, 'new'), place))
        if (!isFolder)
          await expectHeld(args, path, (place) => linkSync(join(elsewhere, 'mine'), place))
      }
    })
  }

  async function expectHeld(
    args: (out: string) => readonly string[],
    path: string,
    plant: (place: string) => void
  ): Promise<void> {
    const out = join(desk.folder, 'out')
    rmSync(out, { recursive: true, force: true })
    mkdirSync(dirname(join(out, path)), { recursive: true })
    plant(join(out, path))
    const { status, err } = await desk.ask(args(out))
    expect(err).to.not.match(/unexpected|TypeError|RangeError/)
    expect(status, err).to.be.oneOf([0, 1])
    expect(readdirSync(elsewhere), path).to.deep.equal(['mine'])
    expect(readFileSync(join(elsewhere, 'mine'), 'utf8'), path).to.equal(MINE)
    expect(existsSync(join(elsewhere, 'new'))).to.equal(false)
  }
})
