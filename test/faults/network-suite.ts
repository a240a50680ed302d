import { cpSync, existsSync, rmSync } from 'node:fs'
import { expect } from 'chai'

import { isCoded } from '../../src/base/errors.ts'
import type { Platform } from '../../src/base/platform.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { ExchangeOptions } from '../../src/service/sync.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { type Fault, type FaultyProxy, openFaultyProxy } from '../support/faulty-proxy.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { makeEmptyOrigin, startProject } from '../support/team.ts'
import { COMMITTER } from '../support/workspaces.ts'

/** Runs by who made them and where they were first. */
const SHARED = 'shared000000'
const THEIRS = 'the1rs000000'
const OWN = '0wn000000000'

interface Operation {
  readonly name: 'clone' | 'pull' | 'push' | 'get' | 'put'
  /** Whether it begins with nothing here. */
  readonly isNew?: boolean
  /** Whether a run is here that is not there. */
  readonly hasOwn?: boolean
  run(workspace: Workspace, url: string, options: ExchangeOptions): Promise<unknown>
  /** What must be here and there at last. */
  readonly here: readonly string[]
  readonly there: readonly string[]
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'clone',
    isNew: true,
    run: (workspace, url, options) => workspace.clone(url, options),
    here: [SHARED, THEIRS],
    there: [SHARED, THEIRS]
  },
  {
    name: 'pull',
    run: (workspace, _, options) => workspace.pull(options),
    here: [SHARED, THEIRS],
    there: [SHARED, THEIRS]
  },
  {
    name: 'push',
    hasOwn: true,
    run: (workspace, _, options) => workspace.push(options),
    here: [OWN, SHARED, THEIRS],
    there: [OWN, SHARED, THEIRS]
  },
  {
    name: 'get',
    run: (workspace, _, options) =>
      workspace.get(`vision/train/${THEIRS}`, { ...options, maxAgeMs: 0 }),
    here: [SHARED, THEIRS],
    there: [SHARED, THEIRS]
  },
  {
    name: 'put',
    run: (workspace, _, options) =>
      workspace.put(
        { kind: 'run', fields: { in: 'vision/train', id: OWN } },
        { ...options, remote: 'origin' }
      ),
    here: [OWN, SHARED, THEIRS],
    there: [OWN, SHARED, THEIRS]
  }
]

/** Chooses where an operation is hit, from what passes when it is not. */
export type ChooseFaults = (passing: {
  readonly operation: string
  readonly answer: Buffer
  readonly requestBytes: number
}) => readonly Fault[]

/**
 * Tests that each operation with a remote whose connection breaks or falls silent ends with a coded
 * error or none, leaves both repositories whole, and succeeds the next time.
 */
export function testNetwork(choose: ChooseFaults): void {
  let folder: string
  let server: GitHttpServer
  let proxy: FaultyProxy

  before(async () => {
    folder = makeTempFolder()
    server = await serveGitHttp(folder)
    proxy = await openFaultyProxy(server.host)
    const origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    const url = `${proxy.url}/origin.git`
    const ada = open(`${folder}/ada`)
    await startProject(ada)
    await ada.runs.create({ in: 'vision/train', id: SHARED })
    await ada.remotes.add('origin', url)
    await ada.push()
    const bob = open(`${folder}/bob`)
    await bob.clone(url)
    await bob.close()
    cpSync(`${folder}/bob`, `${folder}/bob-own`, { recursive: true })
    const own = open(`${folder}/bob-own`)
    await own.runs.create({ in: 'vision/train', id: OWN })
    await own.close()
    await ada.runs.create({ in: 'vision/train', id: THEIRS })
    await ada.push()
    await ada.close()
    cpSync(origin, `${folder}/template.git`, { recursive: true })
  })
  after(async () => {
    await proxy.close()
    await server.close()
    removeTempFolder(folder)
  })

  const open = (place: string, platform: Platform = createNodePlatform()): Workspace => {
    const files = createNodeFileSystem()
    const remotes = makeRemoteHost()
    const host = { files, platform, committer: async () => COMMITTER, remotes }
    return createWorkspace(new WorkspaceStore(host, place), { project: 'vision' })
  }
  const here = (): string => `${folder}/work`
  const reset = ({ isNew, hasOwn }: Operation): void => {
    rmSync(here(), { recursive: true, force: true })
    rmSync(`${folder}/origin.git`, { recursive: true, force: true })
    cpSync(`${folder}/template.git`, `${folder}/origin.git`, { recursive: true })
    if (!isNew) cpSync(`${folder}/${hasOwn ? 'bob-own' : 'bob'}`, here(), { recursive: true })
  }
  const runsIn = (repository: string): string[] => {
    const names = git(repository, ['ls-tree', '-r', '--name-only', 'experiments/train'])
    const runs = names.match(/[^/]+(?=\/run\.yaml$)/gm) ?? []
    return [...runs].sort()
  }
  const attempt = async (
    { run }: Operation,
    options: ExchangeOptions,
    platform?: Platform
  ): Promise<unknown> => {
    const workspace = open(here(), platform)
    try {
      return await run(workspace, `${proxy.url}/origin.git`, options).then(
        () => undefined,
        (error: unknown) => error
      )
    } finally {
      await workspace.close()
    }
  }
  const expectWhole = (operation: Operation, what: string): void => {
    expect(fsck(`${folder}/origin.git`), what).to.equal('')
    const repository = `${here()}/vision.git`
    if (existsSync(repository)) expect(fsck(repository), what).to.equal('')
    else expect(operation.isNew, what).to.equal(true)
  }
  const expectDone = (operation: Operation, what: string): void => {
    expectWhole(operation, what)
    expect(runsIn(`${here()}/vision.git`), what).to.deep.equal(operation.here)
    expect(runsIn(`${folder}/origin.git`), what).to.deep.equal(operation.there)
  }
  /** An hour later, so that a remote that failed is asked again. */
  const later = (): Platform => {
    const platform = createNodePlatform()
    return { ...platform, clock: { now: () => platform.clock.now() + 3_600_000 } }
  }

  for (const operation of OPERATIONS) {
    it(`${operation.name} survives each`, async () => {
      reset(operation)
      proxy.arm(undefined)
      expect(await attempt(operation, {})).to.equal(undefined)
      expectDone(operation, 'without a fault')
      const answer = Buffer.concat(proxy.answered)
      const { requestBytes } = proxy
      for (const fault of choose({ operation: operation.name, answer, requestBytes })) {
        const what = `${operation.name} ${JSON.stringify(fault)}`
        reset(operation)
        proxy.arm(fault)
        const silenceTimeoutMs = fault.how === 'stall' ? 300 : 30_000
        const timeouts = { silenceTimeoutMs, connectTimeoutMs: silenceTimeoutMs }
        const error = await attempt(operation, { ...timeouts, retries: 0 })
        if (error !== undefined) {
          expect(isCoded(error) && error.code, `${what}: ${error}`).to.match(/^(REMOTE|STORE)_/)
        }
        expectWhole(operation, what)
        proxy.arm(undefined)
        expect(await attempt(operation, {}, later()), what).to.equal(undefined)
        expectDone(operation, what)
      }
    })
  }
}

/** Lists where messages end in what a server answers: heads of HTTP, chunks, git's packets, the pack. */
export function boundariesOf(answer: Buffer): readonly number[] {
  const found = new Set<number>()
  for (let at = answer.indexOf('\r\n\r\n'); at >= 0; at = answer.indexOf('\r\n\r\n', at + 4)) {
    found.add(at + 4)
  }
  for (let at = answer.indexOf('\r\n'); at >= 0; at = answer.indexOf('\r\n', at + 2)) {
    // Chunks of HTTP begin after a line of hexadecimal digits.
    if (/^\r\n[0-9a-f]+\r\n/.test(answer.toString('latin1', at, at + 12))) found.add(at + 2)
  }
  const text = answer.toString('latin1')
  for (const { index } of text.matchAll(
    /[0-9a-f]{4}(?=# service|[0-9a-f]{40} |NAK|ACK|.PACK|unpack|ok )/gs
  )) {
    found.add(index)
  }
  const pack = answer.indexOf('PACK')
  if (pack >= 0) for (const at of [pack, pack + 4, pack + 12]) found.add(at)
  found.add(answer.length - 1)
  return [...found].filter((at) => at < answer.length).sort((a, b) => a - b)
}
