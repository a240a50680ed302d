import { expect } from 'chai'
import { pacedSource } from '../../src/cli/export-report.ts'
import type { Source } from '../../src/dashboard/source/source.ts'
import { fakeContext } from './fake-host.ts'

describe('the making of a report', () => {
  it('ends between two runs when somebody stops it', async () => {
    const stopping = new AbortController()
    let time = 0
    const context = fakeContext({
      signal: stopping.signal,
      now: () => (time += 200),
      // Where signals arrive.
      sleep: async () => stopping.abort(new Error('stopped'))
    })
    const read: string[] = []
    const source = {
      run: async ({ address }: { readonly address: string }) => void read.push(address)
    } as unknown as Source
    const paced = pacedSource(context, source)
    const error = await paced.run({ address: 'a' }).catch((reason: unknown) => reason)
    expect(error).to.have.property('message', 'stopped')
    expect(read).to.deep.equal([])
    const other = pacedSource(fakeContext({ now: () => 0 }), source)
    await other.run({ address: 'b' })
    expect(read).to.deep.equal(['b'])
  })
})
