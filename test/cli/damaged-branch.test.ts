import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import { fsck, git } from '../support/git.ts'
import { listRefs } from '../support/remotes.ts'
import { makeEmptyOrigin } from '../support/team.ts'
import { type Desk, openDesk, type Printed } from './desk.ts'

const EVIL = 'refs/heads/experiments/evil'

describe('a branch that is damaged', () => {
  let desk: Desk
  let repository: string
  let origin: string
  /** The address of a run in the other experiment. */
  let fine: string

  beforeEach(async () => {
    desk = await openDesk()
    repository = `${desk.folder}/.runtree/vision.git`
    origin = `${desk.folder}/origin.git`
    makeEmptyOrigin(origin)
    await ask(0, 'init', 'vision')
    await ask(0, 'remote', 'add', 'origin', origin)
    for (const experiment of ['fine', 'evil']) {
      await ask(0, 'create', 'experiment', experiment)
      await ask(0, 'create', 'run', '--in', experiment)
    }
    await ask(0, 'push')
    await ask(0, 'create', 'run', '--in', 'evil')
    fine = (await json(0, 'create', 'run', '--in', 'fine')).address
  })
  afterEach(() => desk.remove())

  const ask = async (expected: number, ...args: readonly string[]): Promise<string> => {
    const { status, out, err } = await desk.ask(args)
    expect(status, `${args.join(' ')}: ${err}`).to.equal(expected)
    return out + err
  }
  const json = async (expected: number, ...args: readonly string[]): Promise<Printed> => {
    const { status, out, err } = await desk.ask([...args, '--json'])
    expect(status, `${args.join(' ')}: ${err}`).to.equal(expected)
    return JSON.parse(out)
  }
  const statusesOf = ({ refs }: Printed): object =>
    Object.fromEntries(refs.map(({ ref, status }: Printed) => [ref.split('/').at(-1), status]))

  /** Lets somebody else put a run, and push it. */
  const withColleague = async (): Promise<void> => {
    const other = await openDesk()
    const commands = [['clone', origin], ['create', 'run', '--in', 'fine'], ['push']]
    for (const command of commands) expect((await other.ask(command)).status).to.equal(0)
    await other.remove()
  }
  /** Removes an object that lies in a pack. */
  const removeObject = (oid: string): void => {
    const folder = `${repository}/objects/pack`
    const packs = readdirSync(folder).filter((name) => name.endsWith('.pack'))
    const contents = packs.map((name) => readFileSync(`${folder}/${name}`))
    rmSync(folder, { recursive: true })
    for (const input of contents) git(repository, ['unpack-objects', '-q'], { input })
    rmSync(`${repository}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`)
  }
  const headOf = (what = EVIL): string => git(repository, ['rev-parse', what]).trim()

  const DAMAGES: readonly (readonly [name: string, damage: () => void, says: RegExp])[] = [
    [
      'whose ref is of noise',
      () => writeFileSync(`${repository}/${EVIL}`, 'noise'),
      /experiments\/evil cannot be read/
    ],
    [
      'whose line in packed refs is broken',
      () => {
        git(repository, ['pack-refs', '--all'])
        const path = `${repository}/packed-refs`
        const text = readFileSync(path, 'utf8')
        writeFileSync(path, text.replace(`${headOf()} ${EVIL}`, `${'5'.repeat(12)} ${EVIL}`))
      },
      /experiments\/evil cannot be read/
    ],
    [
      'whose commit is not there',
      () => writeFileSync(`${repository}/${EVIL}`, `${'5'.repeat(40)}\n`),
      /There is no commit 5{40}, to which refs\/heads\/experiments\/evil leads/
    ],
    [
      'whose tree is not there',
      () => removeObject(headOf(`${EVIL}^{tree}`)),
      /There is no tree [0-9a-f]{40}/
    ]
  ]

  for (const [name, damage, says] of DAMAGES) {
    it(`${name} is told of, and hides no other from status, ls, find and show`, async () => {
      damage()
      const { remotes, damaged } = await json(1, 'status')
      expect(statusesOf(remotes[0])).to.include({ fine: 'ahead' })
      expect(damaged).to.have.length(1)
      expect(damaged[0]).to.include({ ref: EVIL, experiment: 'evil' })
      expect(damaged[0].reason).to.match(says)
      const page = await ask(1, 'status')
      expect(page)
        .to.match(says)
        .and.include('runtree verify --repair')
        .and.match(/fine +ahead/)
      const listed = await ask(0, 'ls')
      expect(listed).to.match(/^fine +2/m)
      const told = listed.match(/evil.* is left out.*/g) ?? []
      expect(told).to.have.length.greaterThan(0)
      expect(told).to.have.length(new Set(told).size)
      const id = (fine.split('/').at(-1) as string).slice(0, 6)
      expect(await ask(0, 'find')).to.include(id)
      expect(await ask(0, 'show', id)).to.include(fine)
      expect(await ask(0)).to.include('1 experiment, 2 runs')
    })

    it(`${name} stops no push and no pull of the others, which lose nothing of it`, async () => {
      const before = headOf()
      damage()
      const pushed = await json(1, 'push')
      expect(statusesOf(pushed)).to.include({ evil: 'damaged', fine: 'updated' })
      expect(listRefs(origin)['refs/heads/experiments/fine']).to.equal(
        headOf('refs/heads/experiments/fine')
      )
      await withColleague()
      const pulled = await desk.ask(['pull', '--json'])
      expect(statusesOf(JSON.parse(pulled.out))).to.include({ fine: 'updated' })
      // A tree that nobody has is lost for good.
      const isLost = name.includes('tree')
      await ask(isLost ? 1 : 0, 'verify', '--repair')
      expect(headOf()).to.equal(before)
      if (isLost) return
      expect(fsck(repository)).to.equal('')
      await ask(0, 'push')
      await ask(0, 'status')
    })
  }
})
