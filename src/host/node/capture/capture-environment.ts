import { arch, cpus, hostname, release, totalmem, type, userInfo } from 'node:os'
import type {
  CaptureEnvironmentOptions,
  EnvironmentCapture,
  Variables
} from '../../../base/capture.ts'
import { withoutAbsent } from '../../../base/json.ts'
import { redactCommand } from '../../../base/redact.ts'
import { readGpus } from './gpus.ts'
import { digestLockFiles, readPackageVersions } from './installed.ts'
import { describeCiJob, describeSchedulerJob } from './jobs.ts'
import { pickVariables } from './variables.ts'

/** Captures the machine and the circumstances; see `Capture.captureEnvironment`. */
export async function captureEnvironment(
  options: CaptureEnvironmentOptions = {}
): Promise<EnvironmentCapture> {
  const { command, folders = [], env = process.env, allow, signal } = options
  signal?.throwIfAborted()
  const [gpus, lockFiles, packages, ci] = await Promise.all([
    readGpus(env, signal),
    digestLockFiles(folders, signal),
    readPackageVersions(folders),
    describeCiJob(env)
  ])
  const processors = cpus()
  const model = processors[0]?.model.trim()
  return withoutAbsent({
    host: hostname(),
    user: userName(env),
    platform: { os: type(), release: release(), arch: arch() },
    runtime: { name: 'node', version: process.versions.node },
    processors: { ...(model ? { model } : {}), count: processors.length },
    memoryBytes: totalmem(),
    gpus,
    lockFiles: unlessEmpty(lockFiles),
    packages: unlessEmpty(packages),
    variables: unlessEmpty(pickVariables(env, allow)),
    scheduler: describeSchedulerJob(env),
    ci,
    command: command && redactCommand(command)
  }) as EnvironmentCapture
}

/** A user without an entry in the system's list, as in many containers, has no name there. */
function userName(env: Variables): string | undefined {
  try {
    return userInfo().username
  } catch {
    return env.USER ?? env.LOGNAME ?? env.USERNAME
  }
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined
}
