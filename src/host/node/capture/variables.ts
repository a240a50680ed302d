import { compareCodePoints } from '../../../base/bytes.ts'
import type { Variables } from '../../../base/capture.ts'
import { redactVariable } from '../../../base/redact.ts'

/** Variables that are stored: names, and prefixes that end in `*`. */
export const STORED_VARIABLES: readonly string[] = [
  ...['SLURM_JOB_*', 'SLURM_ARRAY_*', 'SLURM_CPUS_PER_TASK', 'SLURM_NTASKS', 'SLURM_NNODES'],
  ...['SLURM_PROCID', 'SLURM_LOCALID', 'SLURM_NODEID', 'PBS_*', 'LSB_JOBID', 'LSB_JOBINDEX'],
  ...['LSB_JOBNAME', 'LSB_QUEUE', 'CUDA_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES'],
  ...['HIP_VISIBLE_DEVICES', 'CUBLAS_WORKSPACE_CONFIG', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'],
  ...['OPENBLAS_NUM_THREADS', 'NUMEXPR_NUM_THREADS', 'PYTHONHASHSEED', 'NODE_OPTIONS'],
  ...['RANK', 'LOCAL_RANK', 'WORLD_SIZE', 'CI', 'GITHUB_ACTIONS', 'GITHUB_ACTOR'],
  ...['GITHUB_BASE_REF', 'GITHUB_EVENT_NAME', 'GITHUB_HEAD_REF', 'GITHUB_JOB', 'GITHUB_REF'],
  ...['GITHUB_REPOSITORY', 'GITHUB_RUN_ATTEMPT', 'GITHUB_RUN_ID', 'GITHUB_RUN_NUMBER'],
  ...['GITHUB_SHA', 'GITHUB_WORKFLOW', 'RUNNER_ARCH', 'RUNNER_OS', 'GITLAB_CI'],
  ...['CI_COMMIT_BRANCH', 'CI_COMMIT_SHA', 'CI_COMMIT_TAG', 'CI_JOB_ID', 'CI_JOB_NAME'],
  ...['CI_JOB_STAGE', 'CI_JOB_URL', 'CI_MERGE_REQUEST_IID', 'CI_PIPELINE_ID'],
  ...['CI_PIPELINE_SOURCE', 'CI_PROJECT_PATH', 'CI_RUNNER_DESCRIPTION']
]

/** Picks the variables that are stored; a value whose name looks like a secret becomes `***`. */
export function pickVariables(
  env: Variables,
  allow: readonly string[] = []
): { readonly [name: string]: string } {
  const patterns = [...STORED_VARIABLES, ...allow]
  const picked: Record<string, string> = {}
  for (const name of Object.keys(env).sort(compareCodePoints)) {
    const value = env[name]
    if (value === undefined || !patterns.some((pattern) => matches(name, pattern))) continue
    picked[name] = redactVariable(name, value)
  }
  return picked
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
