import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

import type { RemoteHost } from '../../src/remote/open-remote.ts'
import type { SyncReport } from '../../src/service/sync.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from './git.ts'
import { openInFolder, type TestWorkspace, type TestWorkspaceOptions } from './workspaces.ts'

/** Lets git read what another user owns; our own code needs no such leave. */
const ANY_OWNER = {
  GIT_CONFIG_GLOBAL: fileURLToPath(new URL('any-owner.gitconfig', import.meta.url))
}

/** Somebody with a workspace, who works on `vision`. */
export interface Member extends TestWorkspace {
  /** The folder of the repository of `vision`. */
  readonly repository: string
}

/** People who share a project through a remote. */
export interface Team {
  /** Where the remote lies on this machine. */
  readonly origin: string
  /** The remote's address. */
  readonly url: string
  readonly members: readonly Member[]
  close(): Promise<void>
}

/** Opens the workspace of somebody who has nothing yet. */
export function openMember(host: RemoteHost, options: TestWorkspaceOptions = {}): Member {
  const opened = openInFolder(undefined, { dangling: false, remotes: host, ...options })
  return { ...opened, repository: opened.store.folderOf('vision') }
}

/** Makes an empty bare repository with the git program. */
export function makeEmptyOrigin(path: string): void {
  git('/', ['init', '--quiet', '--bare', '--initial-branch=main', path])
}

/** Lists the refs of a remote as `git ls-remote` does. */
export function lsRemote(path: string): Readonly<Record<string, string>> {
  const lines = git('/', ['ls-remote', path], { env: ANY_OWNER }).trim().split('\n').filter(Boolean)
  const pairs = lines.map((line) => line.split('\t') as [string, string])
  return Object.fromEntries(pairs.flatMap(([oid, ref]) => (ref === 'HEAD' ? [] : [[ref, oid]])))
}

/** Lists branches and tags of a member's repository. */
export function refsHere({ repository }: Member): Readonly<Record<string, string>> {
  const format = '--format=%(objectname) %(refname)'
  const lines = git(repository, ['for-each-ref', format, 'refs/heads', 'refs/tags'])
  const pairs = lines.trim().split('\n').filter(Boolean)
  return Object.fromEntries(
    pairs.map((line) => {
      const [oid = '', ref = ''] = line.split(' ')
      return [ref, oid]
    })
  )
}

/** Pushes and pulls of all members in turn until nothing moves any more. */
export async function untilQuiet(members: readonly Member[]): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    let isQuiet = true
    for (const { workspace } of members) {
      const reports = [await workspace.pull(), await workspace.push()]
      isQuiet &&= reports.every(({ refs }) => refs.every(({ status }) => status === 'unchanged'))
    }
    if (isQuiet) return
  }
  throw new TypeError('they never came to rest')
}

/**
 * Expects that everybody and the remote hold the same, and that the git program finds no fault with
 * any of them nor with what it clones and fetches from the remote.
 */
export function expectSame(origin: string, members: readonly Member[]): void {
  const there = lsRemote(origin)
  for (const member of members) {
    expect(refsHere(member)).to.deep.equal(there)
    expect(fsck(member.repository)).to.equal('')
  }
  expectCloneable(origin, there)
}

function expectCloneable(origin: string, there: Readonly<Record<string, string>>): void {
  const folder = makeTempFolder()
  try {
    const env = ANY_OWNER
    git(folder, ['clone', '--quiet', '--mirror', origin, 'clone.git'], { env })
    const clone = `${folder}/clone.git`
    expect(lsRemote(clone)).to.deep.equal(there)
    expect(fsck(clone)).to.equal('')
    git(folder, ['init', '--quiet', '--bare', 'plain.git'])
    git(`${folder}/plain.git`, ['fetch', '--quiet', origin, '+refs/heads/*:refs/heads/*'], { env })
    expect(fsck(`${folder}/plain.git`)).to.equal('')
    if (origin.endsWith('.bundle')) git(clone, ['bundle', 'verify', '--quiet', origin])
    else git(origin, ['fsck', '--strict', '--full'], { env })
  } finally {
    removeTempFolder(folder)
  }
}

/** Expects that a report of a push or pull says of what both sides hold now what is so. */
export function expectTrue(origin: string, member: Member, report: SyncReport): void {
  const there = lsRemote(origin)
  const here = refsHere(member)
  for (const { ref, status, after } of report.refs) {
    const what = `${ref}: ${status}`
    if (['new', 'updated', 'merged', 'unchanged'].includes(status)) {
      expect(after, what).to.equal(here[ref])
      expect(after === there[ref], what).to.equal(status !== 'merged' || after === there[ref])
    }
    if (status === 'deleted-there') expect(there[ref], what).to.equal(undefined)
    if (status === 'unchanged') expect(here[ref], what).to.equal(there[ref])
  }
}

/** Returns what a report says of each ref, by what follows `refs/heads/`. */
export function statuses({ refs }: SyncReport): Readonly<Record<string, string>> {
  return Object.fromEntries(
    refs.map(({ ref, status }) => [ref.replace('refs/heads/', '').replace('refs/', ''), status])
  )
}

/** Makes the project `vision` with the experiment `train`. */
export async function startProject(workspace: Workspace): Promise<void> {
  await workspace.projects.create({ name: 'Vision' })
  await workspace.experiments.create({ name: 'Train', in: 'vision' })
}
