import { expect } from 'chai'
import { Backlog } from '../../src/base/backlog.ts'

describe('bytes that wait for somebody', () => {
  it('let everybody wait while they are many', async () => {
    const backlog = new Backlog(100)
    backlog.add(99)
    expect(backlog.drain()).to.equal(undefined)
    backlog.add(101)
    let passed = 0
    const all = [1, 2].map(() => backlog.drain()?.then(() => passed++))
    expect(all).to.not.include(undefined)
    backlog.remove(100)
    await Promise.resolve()
    expect(passed).to.equal(0)
    backlog.remove(1)
    await Promise.all(all)
    expect(passed).to.equal(2)
    expect(backlog.drain()).to.equal(undefined)
    expect(backlog.waitingBytes).to.equal(99)
  })
})
