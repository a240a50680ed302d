import { expect } from 'chai'

import { type Desk, openDesk } from './desk.ts'

describe('runtree purge', () => {
  let desk: Desk
  let address: string
  beforeEach(async () => {
    desk = await openDesk()
    await desk.ask(['init', 'p'])
    await desk.ask(['create', 'experiment', 'e'])
    address = (await desk.json('create', 'run', '--in', 'e', '--set', 'notes=secret')).address
  })
  afterEach(() => desk.remove())

  it('asks first, and does nothing where nobody can be asked', async () => {
    expect((await desk.ask(['purge', address])).status).to.equal(2)
    const questions: string[] = []
    const answering = (answer: string) => ({
      stdin: {
        isTerminal: true,
        ask: async (question: string) => {
          questions.push(question)
          return answer
        }
      }
    })
    expect((await desk.ask(['purge', address], answering('n'))).status).to.equal(1)
    expect((await desk.ask(['get', address])).status).to.equal(0)
    const { status, err } = await desk.ask(['purge', address], answering('yes'))
    expect(status).to.equal(0)
    expect(err).to.include(`Purged the run ${address}`).and.include('gc --now')
    expect((await desk.ask(['get', address])).status).to.equal(1)
    expect(questions).to.have.length(2)
    expect(questions[0]).to.include(address)
  })

  it('says as JSON what it did, and names who still holds it', async () => {
    await desk.ask(['snapshot', 'paper'])
    const report = await desk.json('purge', address, '--yes')
    expect(report).to.deep.include({
      address,
      kind: 'run',
      ref: 'refs/heads/experiments/e',
      heldBy: ['refs/tags/snapshots/paper']
    })
    const again = await desk.ask(['purge', address, '--yes'])
    expect([again.status, again.err.includes('There is no')]).to.deep.equal([1, true])
  })
})
