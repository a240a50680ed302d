import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'

import { createDesk, type Desk, openDesk, type Printed } from './desk.ts'

describe('commands on objects', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'Iris study'])
  })
  afterEach(() => desk.remove())

  const ask = (...args: string[]) => desk.ask(args)
  const created = async (...args: string[]) => (await ask('create', ...args)).out.trim()
  const refused = async (status: number, text: string, ...args: string[]) => {
    const answer = await ask(...args)
    expect(answer, args.join(' ')).to.have.property('status', status)
    expect(answer.err).to.contain(text).and.not.contain('    at ')
    expect(answer.out).to.equal('')
  }

  it('init makes a workspace that git ignores and a project that is current', async () => {
    expect(await readFile(join(desk.folder, '.runtree/.gitignore'), 'utf8')).to.equal('*\n')
    expect(await desk.json()).to.deep.include({ project: 'iris-study', projects: ['iris-study'] })
    expect((await ask('config', 'project')).out).to.equal('iris-study\n')
    await refused(3, 'iris-study', 'init', 'Iris study')
  })

  it('init says where the runs of a project of that name lie that was there before', async () => {
    const elsewhere = join(desk.folder, 'home')
    const other = createDesk(join(desk.folder, 'code'), elsewhere)
    await mkdir(join(desk.folder, 'code'))
    await other.ask(['create', 'project', 'Vision'])
    expect((await other.ask(['init', 'Audio'])).err).to.not.contain(elsewhere)
    const { err, status } = await other.ask(['init', 'Vision'])
    expect(status).to.equal(0)
    expect(err).to.contain(`RUNTREE_HOME=${elsewhere} runtree ls`)
  })

  it('create prints the address, and refuses what exists', async () => {
    expect(await created('experiment', 'Baseline', '--note', 'plain')).to.equal(
      'iris-study/baseline'
    )
    await refused(3, 'exists already', 'create', 'experiment', 'baseline')
    await refused(2, 'argument', 'create', 'thing', 'x')
    await refused(1, 'hint: docs/FORMAT.md', 'create', 'dataset', 'iris', '-s', 'rows=many')
    await refused(2, 'hint: ', 'create', 'experiment', 'datasets')
    await refused(2, '--in', 'create', 'run')
    expect(await desk.json('ls')).to.have.lengthOf(1)
  })

  it('get prints what put stores', async () => {
    const run = await created('experiment', 'e').then(() =>
      created('run', 'r', '-i', 'e', '-s', 'status=finished', '-s', 'params.k=5', '-t', 'a')
    )
    const text = (await ask('get', run)).out
    expect(text).to.match(/^kind: run\naddress: iris-study\/e\/\w{12}\nschema: run\/1\n/)
    await desk.ask(['put', '-'], { stdin: { text: async () => text.replace('k: 5', 'k: 6') } })
    expect(await desk.json('get', run)).to.deep.include({
      params: { k: 6 },
      tags: ['a'],
      name: 'r'
    })
  })

  it('put stores several objects in one commit, or none', async () => {
    const file = join(desk.folder, 'objects.yaml')
    await writeFile(
      file,
      'kind: experiment\nname: a\n---\n- kind: experiment\n  name: b\n- kind: dataset\n  name: d\n'
    )
    expect((await ask('put', 'objects.yaml')).out).to.equal(
      'iris-study/a\niris-study/b\niris-study/datasets/d\n'
    )
    await writeFile(file, 'kind: experiment\nname: c\n---\nkind: dataset\nname: x\nrows: many\n')
    await refused(1, 'rows', 'put', 'objects.yaml')
    expect((await desk.json('ls')).map((e: Printed) => e.name)).to.deep.equal(['a', 'b'])
    await refused(2, 'no-such-file', 'put', 'no-such-file')
    await writeFile(file, 'kind: [')
    await refused(1, 'line 1', 'put', 'objects.yaml')
    await writeFile(file, '')
    await refused(2, 'no objects', 'put', 'objects.yaml')
  })

  it('edit changes what is named and nothing else', async () => {
    await created('experiment', 'e')
    const run = await created(
      'run',
      '-i',
      'e',
      '-s',
      'params.k=5',
      '-s',
      'params.lr=0.1',
      '-t',
      'a',
      '-t',
      'b'
    )
    const { status } = await ask(
      'edit',
      run,
      '--name',
      'best',
      '--note',
      'good',
      '-t',
      'c',
      '--untag',
      'a',
      '-s',
      'params.k=6',
      '--unset',
      'params.lr'
    )
    expect(status).to.equal(0)
    const after = await desk.json('get', run)
    expect(after).to.deep.include({ name: 'best', notes: 'good', params: { k: 6 } })
    expect(after.tags).to.have.members(['b', 'c'])
    await refused(2, 'Nothing to change', 'edit', run)
    await refused(2, 'has no field nope', 'edit', run, '--unset', 'nope')
    await refused(2, 'has no field params.lr', 'edit', run, '--unset', 'params.lr', '--name', 'x')
    expect((await desk.json('get', run)).name).to.equal('best')
  })

  it('ls shows runs with differing parameters first, and what has no room below', async () => {
    await created('experiment', 'e')
    for (const k of [3, 5, 7]) {
      await created(
        'run',
        `knn ${k}`,
        '-i',
        'e',
        '-s',
        'status=finished',
        '-s',
        'params.algorithm=knn',
        '-s',
        `params.k=${k}`
      )
    }
    const wide = (await ask('ls', 'e')).out.split('\n')
    expect(wide[0]).to.match(/^run +name +status +created +k +algorithm/)
    expect(wide).to.have.lengthOf(5)
    const narrow = (await desk.ask(['ls', 'e'], { columns: 40 })).out
    for (const line of narrow.split('\n')) expect(line.length).to.be.at.most(40)
    expect(narrow).to.contain('No room for 1 column: algorithm')
    expect((await desk.ask(['ls', 'e', '--all'], { columns: 40 })).out).to.contain('algorithm')
    const sorted = await desk.json('ls', 'e', '--sort', '-k', '--limit', '2')
    expect(sorted.map((run: Printed) => run.params.k)).to.deep.equal([7, 5])
    expect(await desk.json('ls', 'e', '--filter', 'k=3')).to.have.lengthOf(1)
    await refused(2, 'nothing', 'ls', 'e', '--sort', 'nothing')
  })

  it('accepts abbreviated ids and refuses ambiguous ones with the candidates', async () => {
    await created('experiment', 'e')
    for (const id of ['k3f9q2xab7mt', 'k3f9q2zzzzzz'])
      await created('run', '-i', 'e', '-s', `id=${id}`)
    expect((await desk.json('get', 'k3f9q2x')).address).to.equal('iris-study/e/k3f9q2xab7mt')
    await refused(2, 'k3f9q2xab7mt', 'get', 'k3f9')
    await refused(2, 'k3f9q2zzzzzz', 'get', 'k3f9')
    await refused(1, 'nothing at', 'get', 'zzzz')
    await refused(1, '4 characters', 'show', 'k3f')
  })

  it('names what was most likely meant, and what a command wants', async () => {
    await created('experiment', 'Baseline')
    const run = await created('run', 'r', '-i', 'baseline')
    await refused(1, 'Did you mean baseline?', 'ls', 'basline')
    await refused(1, 'Did you mean baseline?', 'get', 'basline')
    await refused(1, 'Did you mean iris-study/baseline?', 'show', 'iris-stud/baseline')
    await refused(2, 'hint: runtree ls <address>', 'logs', 'baseline')
    await refused(2, 'small letters', 'snapshot', 'Camera Ready')
    const { err, status } = await ask('artifacts', 'get', run, '-o', 'files')
    expect({ err, status }).to.deep.equal({ err: 'The run has no artifacts.\n', status: 0 })
    expect(existsSync(join(desk.folder, 'files'))).to.equal(false)
  })

  it('shows hostile names harmlessly', async () => {
    await created('experiment', 'e')
    const yaml = 'kind: run\nin: e\nname: "\\e[2Jgone\\nnext"\nparams: {"a\\e]0;x\\a": "\\u202e"}\n'
    await desk.ask(['put', '-'], { stdin: { text: async () => yaml } })
    const run = (await desk.json('ls', 'e'))[0].address
    for (const args of [['ls', 'e'], ['show', run], ['show', 'e'], ['history', 'e'], []]) {
      const { status, out, err } = await ask(...args)
      expect(status).to.equal(0)
      expect(out + err).to.not.match(/[^\P{Cc}\n]|\p{Bidi_Control}/u)
    }
  })

  it('rm asks for experiments, and restore brings them back', async () => {
    await created('experiment', 'e')
    const run = await created('run', 'r', '-i', 'e')
    await refused(2, '--yes', 'rm', 'e')
    const no = await desk.ask(['rm', 'e'], { stdin: { isTerminal: true, ask: async () => 'n' } })
    expect(no).to.have.property('status', 1)
    expect(await desk.json('ls')).to.have.lengthOf(1)
    const yes = await desk.ask(['rm', 'e'], { stdin: { isTerminal: true, ask: async () => 'yes' } })
    expect(yes).to.have.property('status', 0)
    expect(await desk.json('ls')).to.have.lengthOf(0)
    await ask('restore', 'e')
    expect((await desk.json('get', run)).name).to.equal('r')
    expect((await ask('rm', run)).status).to.equal(0)
    await refused(1, 'nothing at', 'get', run)
    expect(await desk.json('history', run)).to.not.have.lengthOf(0)
    expect((await ask('restore', run)).status).to.equal(0)
    expect((await desk.json('get', run)).name).to.equal('r')
    await refused(1, 'nothing at', 'restore', 'never-was')
  })

  it('history names the commits, and each can be read and restored', async () => {
    await created('experiment', 'e', '--note', 'one')
    await ask('edit', 'e', '--note', 'two')
    const entries = await desk.json('history', 'e')
    expect(entries.map((entry: Printed) => entry.operation)).to.deep.equal(['update', 'create'])
    const first = entries[1].commitOid.slice(0, 8)
    expect((await desk.json('get', `e@${first}`)).notes).to.equal('one')
    expect((await desk.json('get', 'e', '--at', first)).notes).to.equal('one')
    await ask('restore', 'e', '--at', first)
    expect((await desk.json('get', 'e')).notes).to.equal('one')
    await refused(2, 'no commit or tag', 'get', 'e@deadbeef')
  })

  /** Commits a file with the git program, as a person might. */
  const commitFile = (path: string, content: string): void => {
    const repository = join(desk.folder, '.runtree/iris-study.git')
    const git = (args: string[], input = ''): string =>
      execFileSync('git', ['-C', repository, ...args], {
        input,
        env: {
          PATH: process.env.PATH,
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_INDEX_FILE: join(desk.folder, 'index'),
          GIT_AUTHOR_NAME: 'A',
          GIT_AUTHOR_EMAIL: 'a@example.org',
          GIT_COMMITTER_NAME: 'A',
          GIT_COMMITTER_EMAIL: 'a@example.org'
        }
      })
        .toString()
        .trim()
    git(['fsck', '--strict'])
    const blob = git(['hash-object', '-w', '--stdin'], content)
    git(['read-tree', 'experiments/e'])
    git(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`])
    const commit = git(['commit-tree', '-p', 'experiments/e', '-m', 'by hand', git(['write-tree'])])
    git(['update-ref', 'refs/heads/experiments/e', commit])
  }
  const pathOf = (run: string): string => {
    const id = run.split('/').at(-1) as string
    return `experiments/e/runs/${id[0]}/${id[1]}/${id}/run.yaml`
  }

  it('verify says that all is well, or what is not', async () => {
    await created('experiment', 'e')
    const run = await created('run', '-i', 'e')
    const well = await ask('verify')
    expect(well).to.have.property('status', 0)
    expect(well.out).to.contain('All is well')
    commitFile(pathOf(run), 'schema: run/1\nstatus: unheard\n')
    const answer = await ask('verify')
    expect(answer.status).to.equal(1)
    expect(answer.out)
      .to.contain('MODEL_INVALID')
      .and.match(/1 problem in /)
    const { out } = await ask('verify', 'e', '--json')
    expect(JSON.parse(out).problems).to.have.lengthOf(1)
  })

  it('verify --repair mends what can be mended, and says what was done', async () => {
    await created('experiment', 'e')
    const run = await created('run', '-i', 'e')
    commitFile(pathOf(run), 'broken: [')
    const answer = await ask('verify')
    expect(answer.out)
      .to.contain('can be put back')
      .and.contain('runtree verify --repair mends what can be mended.')
      .and.contain('The project has no remote')
    const repaired = await ask('verify', 'iris-study', '--repair')
    expect(repaired).to.have.property('status', 0)
    expect(repaired.out).to.match(/1 problem in .* all mended/)
    expect((await ask('verify')).out).to.contain('All is well')
    commitFile(pathOf(run), 'schema: run/2\n')
    const left = await ask('verify', '--repair', '--json')
    expect(left).to.have.property('status', 1)
    expect(JSON.parse(left.out).problems[0]).to.include({ isMended: false })
    expect((await ask('verify', '--repair')).out).to.contain('0 mended, 1 left')
  })

  it('show leaves an environment out that can’t be read, and shows the run', async () => {
    await created('experiment', 'e')
    const run = await created('run', '-i', 'e', '-s', 'params.k=5')
    commitFile(pathOf(run).replace('run.yaml', 'environment.yaml'), 'broken: [')
    const shown = await ask('show', run)
    expect(shown).to.have.property('status', 0)
    expect(shown.out).to.contain('Parameters')
    expect(shown.err).to.contain('The environment is left out')
    expect(await desk.json('show', run)).to.have.nested.property('params.k', 5)
  })

  it('gc packs anew and says what that freed', async () => {
    await created('experiment', 'e')
    await created('run', '-i', 'e')
    const answer = await ask('gc', 'iris-study')
    expect(answer).to.have.property('status', 0)
    expect(answer.out)
      .to.match(/iris-study .*\d → 1 .*0 objects\n/)
      .and.to.contain('freed.')
    const [report] = JSON.parse((await ask('gc', '--now', '--json')).out)
    expect(report).to.include({ project: 'iris-study', packsBefore: 1, packsAfter: 1 })
    await refused(1, 'no-such', 'gc', 'no-such')
  })

  it('export writes files, only inside the folder, and not into a full one', async () => {
    await created('experiment', 'e')
    const run = await created('run', 'r', '-i', 'e', '-s', 'params.k=5')
    await created('metric', 'confusion/test', '-i', run, '-s', 'value=[[1,0],[0,1]]')
    await created('dataset', 'd')
    expect((await ask('export', 'iris-study', 'out')).status).to.equal(0)
    const files = (await readdir(join(desk.folder, 'out'), { recursive: true })).sort()
    const id = run.split('/').at(-1)
    expect(files).to.include.members([
      'project.yaml',
      'datasets/d.yaml',
      'experiments/e/experiment.yaml',
      `experiments/e/runs/${id}/run.yaml`,
      `experiments/e/runs/${id}/metrics/confusion%2Ftest.yaml`
    ])
    await refused(2, 'not empty', 'export', run, 'out')
    expect((await ask('export', run, 'out', '--force')).status).to.equal(0)
    const whole = await desk.json('export', 'iris-study')
    expect(whole.below.experiments[0].below.runs[0].params).to.deep.equal({ k: 5 })
    await refused(2, 'Name a folder', 'export', run)
    await mkdir(join(desk.folder, 'linked'))
    await symlink(desk.folder, join(desk.folder, 'linked/metrics'))
    await refused(1, 'link', 'export', run, 'linked', '--force')
    expect(existsSync(join(desk.folder, 'confusion%2Ftest.yaml'))).to.equal(false)
  })

  it('config refuses unknown settings, and author names the commits', async () => {
    await refused(2, 'There are project', 'config', 'colour', 'red')
    await refused(1, 'nothing at', 'config', 'project', 'no-such-project')
    await ask('config', 'author.name', 'Grace Hopper')
    await ask('config', 'author.email', 'grace@example.org')
    await created('experiment', 'e')
    const [entry] = await desk.json('history', 'e')
    expect(entry.author).to.deep.equal({ name: 'Grace Hopper', email: 'grace@example.org' })
    expect(await desk.json('config')).to.deep.equal({
      project: 'iris-study',
      'author.name': 'Grace Hopper',
      'author.email': 'grace@example.org'
    })
    await ask('config', 'author.name', '--unset')
    expect((await ask('config', 'author.name')).status).to.equal(1)
  })

  it('names another project with --project', async () => {
    await ask('create', 'project', 'Other')
    expect((await ask('create', 'experiment', 'x', '--project', 'other')).out).to.equal('other/x\n')
    expect(await desk.json('ls')).to.deep.equal([])
    expect(await desk.json('ls', 'other')).to.have.lengthOf(1)
    await refused(1, 'nothing at nowhere', 'ls', '--project', 'nowhere')
  })

  it('quiet prints results only', async () => {
    expect(await ask('create', 'experiment', 'e', '-q')).to.deep.equal({
      status: 0,
      out: 'iris-study/e\n',
      err: ''
    })
    expect(await ask('ls', 'e', '-q')).to.deep.equal({ status: 0, out: '', err: '' })
  })

  it('a run that cannot be read hides no other', async () => {
    await created('experiment', 'e')
    const first = await created('run', 'one', '-i', 'e')
    const second = await created('run', 'two', '-i', 'e')
    const third = await created('run', 'three', '-i', 'e')
    commitFile(pathOf(first), 'schema: run/1\n  broken: [')
    commitFile(pathOf(second), (await ask('get', second)).out.replace('run/1', 'run/99'))
    const answer = await ask('ls', 'e')
    expect(answer.status).to.equal(0)
    expect(answer.out)
      .to.contain('three')
      .and.not.match(/one|two/)
    expect(answer.err.match(/is left out/g)).to.have.lengthOf(2)
    await refused(1, pathOf(first), 'get', first)
    await refused(1, 'version 99', 'show', second)
    expect((await ask('show', third)).status).to.equal(0)
  })
})
