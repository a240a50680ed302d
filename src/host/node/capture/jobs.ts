import { readFile } from 'node:fs/promises'
import type { CiJob, EnvironmentCapture, Variables } from '../../../base/capture.ts'
import { isJsonObject, withoutAbsent } from '../../../base/json.ts'
import { withoutCredentials } from '../../../base/redact.ts'

/** Tells which job of a cluster's scheduler this is. */
export function describeSchedulerJob(env: Variables): EnvironmentCapture['scheduler'] {
  if (env.SLURM_JOB_ID) return { kind: 'slurm', jobId: slurmJobId(env, env.SLURM_JOB_ID) }
  if (env.PBS_JOBID) return { kind: 'pbs', jobId: env.PBS_JOBID }
  if (env.LSB_JOBID) {
    const index = env.LSB_JOBINDEX
    return {
      kind: 'lsf',
      jobId: index && index !== '0' ? `${env.LSB_JOBID}[${index}]` : env.LSB_JOBID
    }
  }
  return undefined
}

/** Tells which job of continuous integration this is, from the variables that the CI documents. */
export async function describeCiJob(env: Variables): Promise<CiJob | undefined> {
  if (env.GITHUB_ACTIONS === 'true') return describeGithubJob(env)
  if (env.GITLAB_CI) return describeGitlabJob(env)
  return env.CI && env.CI !== 'false' && env.CI !== '0' ? { provider: 'unknown' } : undefined
}

/** A task of an array is named as Slurm's own programs name it. */
function slurmJobId(env: Variables, jobId: string): string {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task } = env
  return array && task ? `${array}_${task}` : jobId
}

/** On a pull request `GITHUB_SHA` is a merge commit that no branch has; the event names the head. */
async function describeGithubJob(env: Variables): Promise<CiJob> {
  const pull = await readPullRequest(env.GITHUB_EVENT_PATH)
  const ref = env.GITHUB_REF ?? ''
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: runId } = env
  const attempt =
    Number(env.GITHUB_RUN_ATTEMPT ?? 1) > 1 ? `/attempts/${env.GITHUB_RUN_ATTEMPT}` : ''
  return withoutAbsent({
    provider: 'github',
    jobUrl:
      server && repository && runId
        ? `${withoutCredentials(server)}/${repository}/actions/runs/${runId}${attempt}`
        : undefined,
    branch: env.GITHUB_HEAD_REF || /^refs\/heads\/(.+)$/.exec(ref)?.[1],
    commit: pull?.headCommit ?? (env.GITHUB_SHA || undefined),
    pullRequest: pull?.number ?? /^refs\/pull\/(\d+)\//.exec(ref)?.[1]
  }) as CiJob
}

async function readPullRequest(
  eventPath: string | undefined
): Promise<{ readonly number?: string; readonly headCommit?: string } | undefined> {
  try {
    const event: unknown = eventPath ? JSON.parse(await readFile(eventPath, 'utf8')) : undefined
    const pull = isJsonObject(event) ? event.pull_request : undefined
    if (!isJsonObject(pull)) return undefined
    const head = isJsonObject(pull.head) ? pull.head.sha : undefined
    return {
      ...(typeof pull.number === 'number' ? { number: String(pull.number) } : {}),
      ...(typeof head === 'string' ? { headCommit: head } : {})
    }
  } catch {
    return undefined
  }
}

/** `CI_COMMIT_SHA` is the merged result's in such a pipeline; the source branch's head is named apart. */
function describeGitlabJob(env: Variables): CiJob {
  return withoutAbsent({
    provider: 'gitlab',
    jobUrl: env.CI_JOB_URL ? withoutCredentials(env.CI_JOB_URL) : undefined,
    branch: env.CI_MERGE_REQUEST_SOURCE_BRANCH_NAME || env.CI_COMMIT_BRANCH || undefined,
    commit: env.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || env.CI_COMMIT_SHA || undefined,
    pullRequest: env.CI_MERGE_REQUEST_IID || undefined
  }) as CiJob
}
