import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import type { Platform } from '../../src/base/platform.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { openWorkspace } from '../../src/node.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { ProjectStatus } from '../../src/service/sync.ts'
import { writeRemote } from '../../src/store/remote-config.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { lsRemote, makeEmptyOrigin } from '../support/team.ts'
import { createTestTracking, runScript, type TestTracking } from '../support/tracking.ts'

const STUDY = 'refs/heads/experiments/study'

describe('the push of runs in the background', () => {
  let folder: string
  let origin: string
  let nowMs: number
  let platform: Platform
  let tracking: TestTracking

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    nowMs = Date.now()
    platform = { ...createNodePlatform(), clock: { now: () => nowMs++ } }
    tracking = openTracking()
    // The project is there before its remote is.
    await tracking.track(options(false), () => undefined)
    await writeRemote(await tracking.project(), { name: 'origin', url: origin, prefix: '' })
  })
  afterEach(async () => {
    await tracking.store.close()
    removeTempFolder(folder)
  })

  const openTracking = (): TestTracking =>
    createTestTracking(`${folder}/home`, { remotes: makeRemoteHost(), platform })
  const options = (push: string | false) =>
    ({ project: 'lab', experiment: 'study', push, quiet: true }) as const
  const status = (): Promise<ProjectStatus> =>
    createWorkspace(tracking.store, { project: 'lab' }).status()
  const queue = async () => (await status()).remotes[0]?.queue
  const repository = (): string => tracking.store.folderOf('lab')
  const headHere = (): string => git(repository(), ['rev-parse', STUDY]).trim()

  it('has all of a run at the remote when it ends', async () => {
    const run = await tracking.startRun(options('origin'))
    run.log({ loss: 1 })
    const { problems } = await run.finish()
    expect(problems).to.deep.equal([])
    expect(lsRemote(origin)[STUDY]).to.equal(headHere())
    expect(await queue()).to.deep.equal({ experiments: [] })
    expect(readdirSync(`${repository()}/runtree/queue/origin`)).to.deep.equal([])
    expect(fsck(origin)).to.equal('')
  })

  it('pushes nothing without a remote’s name, nor with false', async () => {
    await tracking.track(options(false), () => undefined)
    await tracking.track({ project: 'lab', experiment: 'study', quiet: true }, () => undefined)
    expect(lsRemote(origin)).to.deep.equal({})
  })

  it('pushes six times a minute at most, and the rest later, as one', async () => {
    for (let k = 0; k < 9; k++) await tracking.track(options('origin'), () => undefined)
    expect(lsRemote(origin)[STUDY]).to.not.equal(headHere())
    expect(await queue()).to.deep.equal({ experiments: ['study'] })
    const path = `${repository()}/runtree/queue/origin.json`
    expect(JSON.parse(readFileSync(path, 'utf8')).pushedMs).to.have.length(6)
    nowMs += 61_000
    await tracking.track(options('origin'), () => undefined)
    expect(lsRemote(origin)[STUDY]).to.equal(headHere())
    expect(await queue()).to.deep.equal({ experiments: [] })
  })

  it('neither fails nor stops a run if the remote is not there, and the next process goes on', async () => {
    const project = await tracking.project()
    await writeRemote(project, { name: 'origin', url: `${folder}/nowhere.git`, prefix: '' })
    const run = await tracking.startRun(options('origin'))
    const { status: ended, problems } = await run.finish()
    expect(ended).to.equal('finished')
    expect(problems).to.have.length(1)
    expect(problems[0]).to.match(/^Not at origin yet: There is no repository .* used again\.$/)
    const waiting = await queue()
    expect(waiting?.experiments).to.deep.equal(['study'])
    expect(waiting?.failure).to.match(/There is no repository/)
    await writeRemote(project, { name: 'origin', url: origin, prefix: '' })
    await tracking.store.close()
    const other = createWorkspace(openTracking().store, { project: 'lab', background: true })
    await other.close()
    const again = createWorkspace(openTracking().store, { project: 'lab' })
    // Closing may have cut the push short; then it waits still.
    const [remote] = (await again.status()).remotes
    expect(remote?.queue.experiments).to.deep.equal(
      lsRemote(origin)[STUDY] === headHere() ? [] : ['study']
    )
    await again.push()
    expect((await again.status()).remotes[0]?.queue).to.deep.equal({ experiments: [] })
    expect(lsRemote(origin)[STUDY]).to.equal(headHere())
    await again.close()
  })

  it('tells of a remote that there is none of, and the run is stored', async () => {
    const run = await tracking.startRun(options('nobody'))
    const { problems, commitOid } = await run.finish()
    expect(problems).to.deep.equal([
      'Not pushed: The project lab has no remote nobody; it has origin.'
    ])
    expect(commitOid).to.equal(headHere())
  })

  it('does not go on about what the remote refuses', async () => {
    const bundle = `${folder}/results.bundle`
    await writeRemote(await tracking.project(), { name: 'origin', url: bundle, prefix: '' })
    await tracking.track(options('origin'), () => undefined)
    writeFileSync(`${bundle}.lock`, '')
    const { problems } = await (await tracking.startRun(options('origin'))).finish()
    expect(problems[0]).to.match(/^Not at origin yet: .*another program is writing it\.$/)
    const { experiments, failure } = (await queue()) ?? {}
    expect(experiments).to.deep.equal([])
    expect(failure).to.match(/is not there: .*another program/)
  })

  it('is under way for several runs at once, and all arrive', async () => {
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(
      names.map((experiment) =>
        tracking.track({ project: 'lab', experiment, push: 'origin', quiet: true }, (run) =>
          run.log({ loss: 1 })
        )
      )
    )
    for (const name of names) {
      const here = git(repository(), ['rev-parse', `refs/heads/experiments/${name}`]).trim()
      expect(lsRemote(origin)[`refs/heads/experiments/${name}`]).to.equal(here)
    }
  })

  it('goes with the remote when that is renamed, and away with it', async () => {
    const workspace = createWorkspace(tracking.store, { project: 'lab' })
    await writeRemote(await tracking.project(), { name: 'x', url: `${folder}/no.git`, prefix: '' })
    await tracking.track(options('x'), () => undefined)
    await workspace.remotes.rename('x', 'y')
    const [, remote] = (await workspace.status()).remotes
    expect(remote?.queue.experiments).to.deep.equal(['study'])
    await workspace.remotes.remove('y')
    expect(readdirSync(`${repository()}/runtree/queue`)).to.not.include('y')
  })

  it('survives the process: what a killed one left is pushed by the next that opens the project', async () => {
    await tracking.store.close()
    const script = runScript(
      folder,
      `const run = await startRun({ project: 'lab', experiment: 'study', push: 'origin', quiet: true })
say('started')
setInterval(() => undefined, 1000)`
    )
    await script.line((line) => line === 'started')
    script.kill('SIGKILL')
    await script.ended
    const before = openTracking()
    const waiting = await createWorkspace(before.store, { project: 'lab' }).status()
    expect(waiting.remotes[0]?.queue.experiments).to.deep.equal(['study'])
    await before.store.close()
    const workspace = await openWorkspace({ folder: `${folder}/home`, project: 'lab' })
    for (;;) {
      const [remote] = (await workspace.status()).remotes
      if (remote?.queue.experiments.length === 0) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(lsRemote(origin)[STUDY]).to.equal(headHere())
    await workspace.close()
  })
})
