import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeHistory } from './history.ts'

/** Data that several benchmarks share: made once, below the system's folder for what is temporary. */
let root: string | undefined
const made = new Map<number, Promise<string>>()

/**
 * Returns a workspace whose experiment `bench/train` has as many runs, each put by a commit of its own.
 * Nobody changes it: who writes takes a copy.
 */
export function historyOf(runs: number): Promise<string> {
  const known = made.get(runs)
  if (known !== undefined) return known
  const making = make(runs)
  made.set(runs, making)
  return making
}

/** Returns a copy of `historyOf(runs)` in a folder. */
export async function copyHistory(runs: number, folder: string): Promise<string> {
  fs.cpSync(await historyOf(runs), folder, { recursive: true })
  return folder
}

/** Removes the data. */
export function removeData(): void {
  if (root !== undefined) fs.rmSync(root, { recursive: true, force: true })
  root = undefined
  made.clear()
}

async function make(runs: number): Promise<string> {
  root ??= fs.mkdtempSync(join(tmpdir(), 'runtree-bench-data-'))
  const folder = join(root, `${runs}`)
  await makeHistory(folder, runs)
  return folder
}
