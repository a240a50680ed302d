import type { Clock, Platform, Processes, ProcessIdentity, Random } from '../../base/platform.ts'

/** What a platform in memory can be told to be. */
export interface MemoryPlatformOptions {
  /** The time of the first reading; each further one is a millisecond later. Default: 0. */
  readonly startMs?: number
  /** Makes the random bytes; equal seeds make equal bytes. Default: 1. */
  readonly seed?: number
  /** Who this process is. Default: process 1 on `memory`. */
  readonly self?: Partial<ProcessIdentity>
  /** Which processes of the host `self` runs on are dead, by their pids. Default: none. */
  readonly deadPids?: ReadonlySet<number>
}

/**
 * Makes a platform whose time, chance and processes are given, so that all it makes can be made
 * again; `base` supplies the computing. Its random bytes can be guessed.
 */
export function createMemoryPlatform(
  base: Pick<Platform, 'hash' | 'zlib' | 'timers'>,
  options: MemoryPlatformOptions = {}
): Platform {
  return {
    clock: createSteppingClock(options.startMs ?? 0),
    random: createSeededRandom(options.seed ?? 1),
    hash: base.hash,
    zlib: base.zlib,
    timers: base.timers,
    processes: createGivenProcesses(options)
  }
}

function createSteppingClock(startMs: number): Clock {
  let nowMs = startMs
  return { now: () => nowMs++ }
}

/** The generator “mulberry32”. */
function createSeededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return (value ^ (value >>> 14)) >>> 24
  }
  return { bytes: (count) => Uint8Array.from({ length: count }, next) }
}

function createGivenProcesses({ self: given, deadPids }: MemoryPlatformOptions): Processes {
  const self = { host: 'memory', bootId: 'boot', pidNamespace: '', pid: 1, ...given }
  return {
    self,
    isAlive(other) {
      if (other.host !== self.host || other.pidNamespace !== self.pidNamespace) return undefined
      return other.bootId === self.bootId && !deadPids?.has(other.pid)
    }
  }
}
