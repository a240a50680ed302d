import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

import type { Processes, ProcessIdentity } from '../../base/platform.ts'

/** Returns what this process knows of itself and of the others on its machine. */
export function createNodeProcesses(): Processes {
  const started = startOf(process.pid)
  const self: ProcessIdentity = {
    host: hostname(),
    bootId: readBootId(),
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid')) ?? '',
    pid: process.pid,
    ...(started === undefined ? {} : { started })
  }
  return { self, isAlive: (other) => isAlive(self, other) }
}

function isAlive(self: ProcessIdentity, other: ProcessIdentity): boolean | undefined {
  if (other.host !== self.host) return undefined
  // The machine was started again since: none of its processes is left.
  if (other.bootId !== self.bootId)
    return other.bootId === '' || self.bootId === '' ? undefined : false
  if (other.pidNamespace !== self.pidNamespace) return undefined
  try {
    process.kill(other.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  // A pid is used again; the time of the start tells the processes apart.
  const started = other.started === undefined ? undefined : startOf(other.pid)
  return started === undefined || started === other.started
}

/** Returns when a process began, in clock ticks since the machine did (proc(5), field 22). */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The second field, the program's name in parentheses, may itself have spaces and parentheses.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function readBootId(): string {
  const linux = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'))
  if (linux !== undefined) return linux.trim()
  if (process.platform !== 'darwin') return ''
  const session = attempt(() =>
    execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'latin1' })
  )
  return session?.trim() ?? ''
}

function attempt<T>(body: () => T): T | undefined {
  try {
    return body()
  } catch {
    return undefined
  }
}
