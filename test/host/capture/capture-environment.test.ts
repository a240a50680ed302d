import { createHash } from 'node:crypto'
import { cpus, hostname, totalmem } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { captureEnvironment } from '../../../src/host/node/capture/capture-environment.ts'
import type { EnvironmentRecord } from '../../../src/model/records.ts'
import { CodeFolder } from './code-folder.ts'

describe('capture of the environment', () => {
  let code: CodeFolder
  beforeEach(() => {
    code = CodeFolder.open()
  })
  afterEach(() => code.close())

  it('describes the machine, and fits the record that is stored', async () => {
    const { command, ...captured } = await captureEnvironment({ env: { PATH: code.home } })
    const record: EnvironmentRecord = { schema: 'environment/1', created: '', ...captured }
    expect(command).to.equal(undefined)
    expect(record).to.deep.include({
      host: hostname(),
      runtime: { name: 'node', version: process.versions.node },
      memoryBytes: totalmem()
    })
    expect(record.processors?.count).to.equal(cpus().length)
    expect(record.platform?.arch).to.equal(process.arch)
    for (const field of ['gpus', 'lockFiles', 'packages', 'variables', 'scheduler', 'ci']) {
      expect(record).not.to.have.property(field)
    }
  })

  it('digests lock files and reads versions of installed packages', async () => {
    code
      .write(
        'package.json',
        '{"dependencies":{"@a/b":"^1","up":"*"},"devDependencies":{"gone":"1"}}'
      )
      .write('node_modules/@a/b/package.json', '{"version":"1.2.3"}')
      .write('package-lock.json', '{}')
      .write('requirements-dev.txt', 'numpy\n')
      .write('README.md', 'x')
    const top = code.at(code.home)
    top.write('node_modules/up/package.json', '{"version":"4.5.6"}').write('uv.lock', 'uv')
    const environment = await captureEnvironment({ env: {}, folders: [code.path, code.home] })
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
    expect(environment.lockFiles).to.deep.equal({
      '../uv.lock': sha256('uv'),
      'package-lock.json': sha256('{}'),
      'requirements-dev.txt': sha256('numpy\n')
    })
    expect(environment.packages).to.deep.equal({ '@a/b': '1.2.3', up: '4.5.6' })
  })

  it('reads the graphics processors that nvidia-smi lists', async () => {
    const script = `#!/bin/sh
[ "$*" = "--query-gpu=name,memory.total,driver_version --format=csv,noheader" ] || exit 1
echo 'NVIDIA A100-SXM4-40GB, 40960 MiB, 535.104.05'
echo 'NVIDIA T4, [N/A], 535.104.05'
`
    code.write('nvidia-smi', script, 0o755)
    const env = { PATH: `${code.path}:${code.env.PATH}` }
    expect((await captureEnvironment({ env })).gpus).to.deep.equal([
      { name: 'NVIDIA A100-SXM4-40GB', memoryBytes: 40960 * 2 ** 20, driver: '535.104.05' },
      { name: 'NVIDIA T4', driver: '535.104.05' }
    ])
    code.write('nvidia-smi', '#!/bin/sh\necho no devices\nexit 9\n', 0o755)
    expect(await captureEnvironment({ env })).not.to.have.property('gpus')
  })

  it('stores the variables of the list and those allowed, without secrets', async () => {
    const env = {
      PATH: code.home,
      SLURM_JOB_ID: '7',
      SLURM_JOB_TOKEN: 'geheim',
      PBS_O_HOME: '/home/ada',
      CUDA_VISIBLE_DEVICES: '0,1',
      WANDB_MODE: 'offline',
      WANDB_API_KEY: 'geheim',
      CI_REGISTRY_PASSWORD: 'geheim',
      MY_TOKEN: 'geheim',
      HOME: '/home/ada'
    }
    const { variables } = await captureEnvironment({ env, allow: ['WANDB_*', 'MY_TOKEN'] })
    expect(variables).to.deep.equal({
      CUDA_VISIBLE_DEVICES: '0,1',
      MY_TOKEN: '***',
      PBS_O_HOME: '/home/ada',
      SLURM_JOB_ID: '7',
      SLURM_JOB_TOKEN: '***',
      WANDB_API_KEY: '***',
      WANDB_MODE: 'offline'
    })
  })

  it('stores the command line without secrets', async () => {
    const command = ['python', 'train.py', '--api-key', 'x']
    const environment = await captureEnvironment({ env: {}, command })
    expect(environment.command).to.deep.equal(['python', 'train.py', '--api-key', '***'])
  })

  it('names the job of a scheduler', async () => {
    const job = async (env: Record<string, string>) => (await captureEnvironment({ env })).scheduler
    expect(await job({ SLURM_JOB_ID: '12' })).to.deep.equal({ kind: 'slurm', jobId: '12' })
    expect(
      await job({ SLURM_JOB_ID: '14', SLURM_ARRAY_JOB_ID: '12', SLURM_ARRAY_TASK_ID: '2' })
    ).to.deep.equal({ kind: 'slurm', jobId: '12_2' })
    expect(await job({ PBS_JOBID: '9.head' })).to.deep.equal({ kind: 'pbs', jobId: '9.head' })
    expect(await job({ LSB_JOBID: '5', LSB_JOBINDEX: '3' })).to.deep.equal({
      kind: 'lsf',
      jobId: '5[3]'
    })
    expect(await job({ LSB_JOBID: '5', LSB_JOBINDEX: '0' })).to.deep.equal({
      kind: 'lsf',
      jobId: '5'
    })
  })

  it('names the branch and head of a pull request on GitHub, not the merge', async () => {
    const event = { pull_request: { number: 42, head: { sha: 'b'.repeat(40) } } }
    code.write('event.json', JSON.stringify(event))
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'team/vision',
      GITHUB_RUN_ID: '99',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_REF: 'refs/pull/42/merge',
      GITHUB_HEAD_REF: 'idea',
      GITHUB_EVENT_PATH: join(code.path, 'event.json')
    }
    const ci = {
      provider: 'github',
      jobUrl: 'https://github.com/team/vision/actions/runs/99/attempts/2',
      branch: 'idea',
      commit: 'b'.repeat(40),
      pullRequest: '42'
    }
    expect((await captureEnvironment({ env })).ci).to.deep.equal(ci)
    code.write('event.json', 'no JSON')
    const withoutEvent = (await captureEnvironment({ env })).ci
    expect(withoutEvent).to.deep.equal({ ...ci, commit: 'a'.repeat(40) })
  })

  it('names the branch and head of a push on GitHub', async () => {
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_REF: 'refs/heads/feature/x',
      GITHUB_HEAD_REF: ''
    }
    const ci = { provider: 'github', branch: 'feature/x', commit: 'a'.repeat(40) }
    expect((await captureEnvironment({ env })).ci).to.deep.equal(ci)
  })

  it('names the branch, head and merge request on GitLab', async () => {
    const env = {
      GITLAB_CI: 'true',
      CI: 'true',
      CI_JOB_URL: 'https://gitlab.com/team/vision/-/jobs/7',
      CI_COMMIT_SHA: 'a'.repeat(40),
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'idea',
      CI_MERGE_REQUEST_IID: '3'
    }
    const ci = {
      provider: 'gitlab',
      jobUrl: env.CI_JOB_URL,
      branch: 'idea',
      commit: 'a'.repeat(40),
      pullRequest: '3'
    }
    expect((await captureEnvironment({ env })).ci).to.deep.equal(ci)
    const merged = { ...env, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: 'c'.repeat(40) }
    expect((await captureEnvironment({ env: merged })).ci?.commit).to.equal('c'.repeat(40))
    const branch = { GITLAB_CI: 'true', CI_COMMIT_BRANCH: 'main' }
    expect((await captureEnvironment({ env: branch })).ci).to.deep.equal({
      provider: 'gitlab',
      branch: 'main'
    })
  })

  it('knows that another CI is one', async () => {
    expect((await captureEnvironment({ env: { CI: '1' } })).ci).to.deep.equal({
      provider: 'unknown'
    })
    expect(await captureEnvironment({ env: { CI: 'false' } })).not.to.have.property('ci')
  })
})
