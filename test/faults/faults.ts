import type { FileSystem } from '../../src/base/platform.ts'
import { createCrashingFileSystem } from '../support/crashing-file-system.ts'
import type { DiskContent, ModelDisk } from '../support/disk-model.ts'
import { createFaultyFileSystem } from '../support/faulty-file-system.ts'
import { REBOOTED, SURVIVOR } from './world.ts'

/** How many cases are tried. */
export interface FaultCounts {
  /** Every how many calls a fault is tried; the first one differs from operation to operation. */
  readonly stride: number
  /** How many outcomes of a power cut are tried for each call. */
  readonly cuts: number
}

/** Tells how many cases were tried, for whoever asks. */
export const tried = { cases: 0, met: 0 }

/** What befalls an operation at its n-th call of the file system. */
export interface Fault {
  readonly name: string
  /** Wraps a disk; `met` tells whether the fault has happened. */
  wrap(disk: FileSystem, at: number): { readonly files: FileSystem; met(): boolean }
  /** What is on the disk afterwards. */
  leave(disk: ModelDisk, random: () => number): DiskContent
  readonly next: typeof SURVIVOR | typeof REBOOTED
}

/**
 * Lets a body meet a fault at the `first` call and at every `stride`th from there on, after a power cut with each
 * of so many outcomes, until it was over before.
 */
export async function atCalls(
  { next }: Fault,
  { first, stride, cuts }: FaultCounts & { readonly first: number },
  meet: (at: number) => Promise<boolean>
): Promise<void> {
  const turns = next === REBOOTED ? cuts : 1
  for (let at = first, met = true; met; at += stride) {
    for (let turn = 0; turn < turns; turn++) met = await meet(at)
  }
}

const crash = (disk: FileSystem, at: number): ReturnType<Fault['wrap']> => {
  const files = createCrashingFileSystem(disk, at)
  return { files, met: () => files.changes >= at }
}

/** The ways in which a disk or a machine fails. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'one call that fails',
    wrap(disk, at) {
      let calls = 0
      const files = createFaultyFileSystem(disk)
      files.fault = () => (++calls === at ? 'EIO' : undefined)
      return { files, met: () => calls >= at }
    },
    leave: (disk) => disk.content(),
    next: SURVIVOR
  },
  {
    name: 'a process that stops at a change',
    wrap: crash,
    leave: (disk) => disk.content(),
    next: SURVIVOR
  },
  {
    name: 'a power cut at a change',
    wrap: crash,
    leave: (disk, random) => disk.contentAfterPowerCut(random),
    next: REBOOTED
  }
]

/** The generator “mulberry32”. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
