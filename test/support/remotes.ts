import { writeFileSync } from 'node:fs'

import type { Oid } from '../../src/git/objects.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createNodeRemoteHost, type NodeRemoteOptions } from '../../src/host/node/remote-host.ts'
import type { ExchangeContext } from '../../src/remote/exchange.ts'
import type { RemoteHost } from '../../src/remote/open-remote.ts'
import { git, gitEnvironment } from './git.ts'
import { makeRepository, type TestRepository } from './repositories.ts'

/** Returns the remote host of a machine on which nothing is configured. */
export function makeRemoteHost(options: Partial<NodeRemoteOptions> = {}): RemoteHost {
  return createNodeRemoteHost(createNodeFileSystem(), createNodePlatform(), {
    env: gitEnvironment(),
    ...options
  })
}

/** Makes a bare repository of git's, with a few commits on `main`; returns their names. */
export function makeOrigin(path: string, commits = 3, extra: readonly string[] = []): Oid[] {
  git('/', ['init', '--quiet', '--bare', '--initial-branch=main', ...extra, path])
  return addCommits(path, 'refs/heads/main', commits)
}

let counter = 0

/** Puts commits onto a ref of a bare repository with the git program; returns all of the ref's. */
export function addCommits(path: string, ref: string, count: number): Oid[] {
  const lines: string[] = []
  for (let index = 0; index < count; index++) {
    const number = counter++
    const text = `number: ${number}\n${'filler '.repeat(200)}\n`
    lines.push(`commit ${ref}`, 'committer Ada <ada@example.org> 1700000000 +0000')
    lines.push('data 2', 'c')
    const isFirst = index === 0 && refExists(path, ref)
    if (isFirst) lines.push(`from ${ref}^0`)
    lines.push(`M 100644 inline runs/${number % 10}/${number}.yaml`)
    lines.push(`data ${text.length}`, text, '')
  }
  git(path, ['fast-import', '--quiet', '--force'], { input: lines.join('\n') })
  return git(path, ['rev-list', '--reverse', '--topo-order', ref]).trim().split('\n')
}

function refExists(path: string, ref: string): boolean {
  return git(path, ['for-each-ref', '--format=%(refname)', ref]).trim() === ref
}

export function contextOf({ fs, platform, repository }: TestRepository): ExchangeContext {
  return { fs, platform, repository }
}

/** Makes an empty repository here; what is fetched goes below `refs/heads/`. */
export function makeLocal(): Promise<TestRepository> {
  return makeRepository()
}

/** Lists the refs of a repository in a folder, as git does. */
export function listRefs(path: string): Readonly<Record<string, string>> {
  const text = git(path, ['for-each-ref', '--format=%(refname) %(objectname)'])
  const pairs = text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '))
  return Object.fromEntries(pairs)
}

/** Puts a hook into a bare repository. */
export function writeHook(path: string, name: string, lines: readonly string[]): void {
  const text = ['#!/bin/sh', ...lines, ''].join('\n')
  writeFileSync(`${path}/hooks/${name}`, text, { mode: 0o755 })
}

/** Returns how something failed. */
export async function failureOf(body: Promise<unknown>): Promise<unknown> {
  return body.then(
    () => undefined,
    (error: unknown) => error
  )
}

/** Returns the code of how something failed; `undefined` if it did not. */
export async function codeOf(body: Promise<unknown>): Promise<string | undefined> {
  const error = await failureOf(body)
  return error === undefined ? undefined : ((error as { code?: string }).code ?? String(error))
}
