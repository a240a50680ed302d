import { expect } from 'chai'
import { type Desk, openDesk } from './desk.ts'

describe('commands that ask', () => {
  let desk: Desk
  before(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'Iris'])
    await desk.ask(['create', 'experiment', 'e'])
    await desk.ask(['edit', 'e', '--set', 'metrics.acc.goal=maximize'])
    for (const [name, lr, acc] of [
      ['one', '0.1', '0.9'],
      ['two, "x"', '0.01', '0.8'],
      ['a|b', '1', '0.7']
    ] as const) {
      const args = ['create', 'run', name, '-i', 'e', '-s', `params.lr=${lr}`]
      const summary = JSON.stringify({ last: Number(acc), min: 0, max: 1, count: 2 })
      await desk.ask([...args, '-s', `metrics.acc=${summary}`, '-s', 'status=finished'])
    }
  })
  after(() => desk.remove())

  it('find runs, as a table, JSON, CSV and Markdown', async () => {
    expect((await desk.ask(['find', 'acc > 0.75'])).out.trim().split('\n')).to.have.length(3)
    const rows = await desk.json('find', 'lr < 0.5', '-s', '-acc', '-c', 'params.lr')
    expect(rows.map(({ name, values }: never) => [name, values])).to.deep.equal([
      ['one', { 'params.lr': 0.1 }],
      ['two, "x"', { 'params.lr': 0.01 }]
    ])
    const csv = (await desk.ask(['find', '-s', 'lr', '-c', 'name,lr', '--csv'])).out
    expect(csv.replace(/iris\/e\/\w{12}/g, 'R')).to.equal(
      'run,name,lr\nR,"two, ""x""",0.01\nR,one,0.1\nR,a|b,1\n'
    )
    const markdown = (await desk.ask(['find', 'lr = 1', '-c', 'name', '--markdown'])).out
    expect(markdown.split('\n')[2]).to.match(/\| a\\\|b \|$/)
    expect((await desk.ask(['find', '--count', 'acc >= 0.8'])).out).to.equal('2\n')
    expect((await desk.ask(['find', '-n', '1'])).err).to.contain('1 of 3 runs')
    const unknown = await desk.ask(['find', '--count', 'ac >= 0.8'])
    expect(unknown).to.include({ status: 0, out: '0\n' })
    expect(unknown.err).to.contain('Did you mean acc?')
  })

  it('group them', async () => {
    const groups = await desk.json('find', '--by', 'status', '--of', 'acc')
    expect(groups).to.have.length(1)
    expect(groups[0]).to.deep.include({ status: 'finished', count: 3 })
    expect(groups[0].aggregates.acc.mean).to.be.closeTo(0.8, 1e-9)
    expect((await desk.ask(['find', '--by', 'status', '--of', 'acc'])).out).to.contain('mean(acc)')
  })

  it('name the best', async () => {
    const [best, ...others] = await desk.json('best', '--in', 'e')
    expect(best).to.deep.include({ name: 'one', value: 0.9 })
    expect(others).to.deep.equal([])
    expect(await desk.json('best', '-n', '2')).to.have.length(2)
    expect((await desk.json('best', 'lr', '--min'))[0]?.name).to.equal(undefined)
    expect((await desk.json('best', 'params.lr', '--min'))[0].name).to.equal('two, "x"')
    const refused = await desk.ask(['best', 'params.lr'])
    expect(refused).to.include({ status: 2 })
    expect(refused.err).to.contain('--min')
  })

  it('list by filters, and by the goal of a metric', async () => {
    const names = async (...args: string[]): Promise<unknown> =>
      (await desk.json('ls', 'e', ...args)).map(({ name }: { name: string }) => name)
    expect(await names('-f', 'lr < 0.5', '-f', 'acc = 0.9')).to.deep.equal(['one'])
    expect(await names('--sort', 'acc')).to.deep.equal(['one', 'two, "x"', 'a|b'])
    expect(await names('--sort', '+acc')).to.deep.equal(['a|b', 'two, "x"', 'one'])
  })

  it('show where a filter is wrong, and what was meant', async () => {
    const wrong = await desk.ask(['find', 'lr > and acc = 1'])
    expect(wrong).to.include({ status: 2, out: '' })
    expect(wrong.err)
      .to.contain('lr > and acc = 1\n')
      .and.to.match(/^ +\^$/m)
    expect((await desk.ask(['find', 'acx = 1'])).err).to.contain('Did you mean acc?')
    expect(await desk.ask(['ls', 'e', '-s', 'acx'])).to.include({ status: 2 })
    expect(await desk.ask(['find', '--csv', '--markdown'])).to.include({ status: 2 })
  })
})
