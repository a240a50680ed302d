import { join } from 'node:path'
import { expect } from 'chai'
import { createTestTracking } from '../support/tracking.ts'
import { type Desk, openDesk } from './desk.ts'

describe('runtree compare', () => {
  let desk: Desk
  const ids: string[] = []
  before(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'Iris'])
    await desk.ask(['create', 'experiment', 'e'])
    await desk.ask(['edit', 'e', '--set', 'metrics.acc.goal=maximize'])
    for (const [name, lr, acc, prompt] of [
      ['one', '0.1', 0.9, 'Help.\nBe kind.\nBe short.'],
      ['two \u001b[31m\u0007', '0.1', 0.8, 'Help.\nBe kind.\nBe \u001b[2Jlong.'],
      ['three', '1', 0.95, 'Help.']
    ] as const) {
      const summary = JSON.stringify({ last: acc, min: 0, max: 1, count: 2 })
      const sets = [`params.lr=${lr}`, `metrics.acc=${summary}`, `params.prompt=${prompt}`]
      const args = ['create', 'run', name, '-i', 'e', ...sets.flatMap((set) => ['-s', set])]
      const { address } = await desk.json(...args, '-s', 'status=finished')
      ids.push(address.split('/').at(-1) as string)
    }
  })
  after(() => desk.remove())

  it('shows two runs side by side, with what is better and texts as diffs', async () => {
    const { out, status } = await desk.ask(['compare', ids[0] as string, ids[1] as string])
    expect(status).to.equal(0)
    expect(out).to.match(/acc +0\.9 +0\.8 +-0\.1 worse/)
    expect(out).to.contain('  - Be short.\n  + Be \\x1b[2Jlong.\n')
    expect(out).not.to.match(/^ *lr/m)
    expect(out).to.contain('alike; --all shows them.')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be printed
    expect(out).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    const all = await desk.ask(['compare', ids[0] as string, ids[1] as string, '--all'])
    expect(all.out).to.match(/^ *lr +0\.1 +0\.1$/m)
  })

  it('shows several, those of a filter in its order, and fits the terminal', async () => {
    const args = ['compare', '--in', 'e', '-f', 'exists(acc)', '-s', '-acc']
    const { out } = await desk.ask(args)
    expect(out.split('\n')[0]).to.contain('three')
    expect(out)
      .to.match(/acc +0\.95 +0\.9 ▼ +0\.8 ▼/)
      .and.to.contain('▲ better')
    const narrow = await desk.ask(args, { columns: 40 })
    for (const line of narrow.out.split('\n').slice(3)) expect(line.length).to.be.below(90)
    expect(narrow.out).to.contain('No room for')
    const mixed = await desk.json('compare', ids[1] as string, '-f', 'exists(acc)')
    expect(mixed.runs.map(({ id }: { id: string }) => id)).to.have.members(ids)
    expect(mixed.runs[0].id).to.equal(ids[1])
  })

  it('prints JSON, CSV and Markdown', async () => {
    const [first, second] = ids as [string, string]
    const { sections, code, runs } = await desk.json('compare', first, second)
    expect(runs).to.have.length(2)
    expect(code).to.deep.equal([null, null])
    expect(sections.map(({ name }: { name: string }) => name)).to.include.members([
      'run',
      'params',
      'metrics',
      'code',
      'packages',
      'environment',
      'datasets'
    ])
    const csv = (await desk.ask(['compare', first, second, '--csv'])).out
    expect(csv).to.contain(`section,field,iris/e/${first},iris/e/${second}\n`)
    expect(csv).to.contain('metrics,acc,0.9,0.8\n')
    const markdown = (await desk.ask(['compare', first, second, '--markdown'])).out
    expect(markdown).to.contain('| metrics | acc | 0.9 | 0.8 |')
    expect(await desk.ask(['compare', first, second, '--csv', '--markdown'])).to.include({
      status: 2
    })
  })

  it('cuts long diffs where it is told to', async () => {
    const { out } = await desk.ask(['compare', ids[0] as string, ids[1] as string, '-n', '1'])
    expect(out).to.match(/… \d+ more lines/)
  })

  it('says what is wrong, and what to do', async () => {
    const one = await desk.ask(['compare', ids[0] as string])
    expect(one).to.include({ status: 2, out: '' })
    expect(one.err).to.contain('Name two runs')
    expect(await desk.ask(['compare', ids[0] as string, 'zzzz'])).to.include({ status: 1 })
    expect(await desk.ask(['compare', ids[0] as string, 'e'])).to.include({ status: 2 })
    expect(await desk.ask(['compare', ids[0] as string, ids[1] as string, '-s', 'acc'])).to.include(
      {
        status: 2
      }
    )
    expect((await desk.ask(['compare', '-f', 'acc > 2'])).err).to.contain('Only 0')
    const same = await desk.ask(['compare', ids[0] as string, ids[0] as string])
    expect(same.out).to.contain('Nothing differs.')
  })

  it('joins the rows of a result', async () => {
    const rows = (prediction: string): string =>
      ['a', prediction, 'c']
        .map((value, id) => JSON.stringify({ id, truth: 'a', prediction: value, note: 'n' }))
        .join('\n')
    const addresses: string[] = []
    const tracking = createTestTracking(join(desk.folder, '.runtree'))
    for (const prediction of ['a', 'b\u001b[2J']) {
      const run = await tracking.startRun({ project: 'iris', experiment: 'rows' })
      for (const line of rows(prediction).split('\n'))
        run.row('cases', JSON.parse(line), { key: 'id' })
      await run.finish()
      addresses.push(run.address)
    }
    await tracking.store.close()
    const args = ['compare', ...addresses, '--rows', 'cases']
    const { out } = await desk.ask(args)
    expect(out).to.contain('worsened 1  improved 0  changed 0  missing 0  new 0  same 2')
    expect(out).to.contain('a → b\\x1b[2J')
    const { comparisons } = await desk.json(...args, '--all')
    expect(comparisons[1].rows).to.have.length(3)
    const csv = (await desk.ask([...args, '--csv'])).out
    expect(csv.split('\n')[0]).to.equal(
      'run,change,id,truth before,truth,prediction before,prediction,note before,note'
    )
    expect((await desk.ask([...args, '--by', 'id'])).err).to.contain('--min')
    expect((await desk.ask([...args, '--by', 'id', '--min', '-c', 'note'])).status).to.equal(0)
    expect(await desk.ask([...args, '--by', 'note'])).to.include({ status: 2, out: '' })
    expect((await desk.ask([...args, '--key', 'x'])).err).to.contain('has no column x')
    expect(await desk.ask(['compare', ...addresses, '--by', 'id'])).to.include({ status: 2 })
    expect(await desk.ask([...args, '--min', '--max'])).to.include({ status: 2 })
  })
})
