import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

import { fsck, gitEnvironment } from '../support/git.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { makeEmptyOrigin } from '../support/team.ts'
import { collect, openInFolder, type TestWorkspace } from '../support/workspaces.ts'
import { createRandom } from './faults.ts'

const SCRIPT = fileURLToPath(new URL('../support/die-any-time.ts', import.meta.url))

/** What processes said to be stored before they were killed. */
interface Acknowledged {
  readonly runs: Set<string>
  readonly steps: Map<string, number>
  readonly tags: Set<string>
}

/** Lets a process work and kills it, some time after it is ready; notes what it acknowledged. */
async function workAndDie(
  { folder }: TestWorkspace,
  name: string,
  afterMs: number,
  acknowledged: Acknowledged
): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, folder, name], {
    env: gitEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  let said = ''
  let isDoomed = false
  child.stderr.on('data', (chunk) => (said += chunk))
  child.stdout.on('data', (chunk) => {
    output += chunk
    if (isDoomed || !output.includes('ready\n')) return
    isDoomed = true
    setTimeout(() => child.kill('SIGKILL'), afterMs)
  })
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)))
  expect(signal, said).to.equal('SIGKILL')
  for (const line of output.split('\n').slice(0, -1)) note(line, acknowledged)
}

function note(line: string, { runs, steps, tags }: Acknowledged): void {
  const [what, name = '', step = ''] = line.split(' ')
  if (what === 'run') runs.add(name)
  else if (what === 'tag') tags.add(name)
  else if (what === 'step') steps.set(name, Number(step))
  else expect(line).to.equal('ready')
}

/** Tests that a process which is killed at any moment loses nothing that it acknowledged. */
export function testKills(kills: number, checkEvery: number): void {
  it(`a process that is killed ${kills} times, at random moments`, async () => {
    const opened = openInFolder(undefined, { dangling: false, remotes: makeRemoteHost() })
    const origin = `${opened.folder}-origin.git`
    const acknowledged: Acknowledged = { runs: new Set(), steps: new Map(), tags: new Set() }
    const random = createRandom(kills)
    try {
      makeEmptyOrigin(origin)
      await opened.workspace.projects.create({ name: 'Vision' })
      await opened.workspace.experiments.create({ name: 'Train', in: 'vision' })
      await opened.workspace.remotes.add('origin', origin)
      for (let kill = 1; kill <= kills; kill++) {
        await workAndDie(opened, `k${kill}`, Math.floor(random() ** 2 * 900), acknowledged)
        if (kill % checkEvery === 0 || kill === kills) await check(opened, origin, acknowledged)
      }
      expect(acknowledged.runs.size).to.be.at.least(kills)
    } finally {
      await opened.close()
    }
  })
}

async function check(
  opened: TestWorkspace,
  origin: string,
  { runs, steps, tags }: Acknowledged
): Promise<void> {
  const { workspace } = opened.reopen()
  try {
    expect(fsck(opened.store.folderOf('vision'))).to.equal('')
    expect(fsck(origin)).to.equal('')
    await workspace.runs.recover()
    const found = new Map<string, string>()
    for await (const { address, fields } of workspace.runs.list({ in: 'vision/train' })) {
      expect(fields.status, address).not.to.equal('running')
      found.set(fields.name ?? '', address)
    }
    for (const name of runs) expect(found.has(name), name).to.equal(true)
    for (const [name, last] of steps) {
      const points = await collect(workspace.runs.series(found.get(name) as string))
      const kept = new Set(points.map(({ step }) => step))
      for (let step = 0; step <= last; step++)
        expect(kept.has(step), `${name} ${step}`).to.equal(true)
    }
    const experiment = await workspace.experiments.get('vision/train')
    if (tags.size > 0) expect(experiment?.fields).to.have.property('tags')
    expect((await workspace.verify()).problems).to.deep.equal([])
  } finally {
    await workspace.close()
  }
}
