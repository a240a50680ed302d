import { expect } from 'chai'
import fc from 'fast-check'

import { concatBytes } from '../../src/base/bytes.ts'
import { applyDelta } from '../../src/git/delta.ts'
import { encodeDelta, indexDeltaBase } from '../../src/git/delta-encode.ts'

const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** Bytes that repeat themselves, so that there is something to find. */
const bytes = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5 })))
  .map((parts) => concatBytes(parts.flatMap(([part, count]) => Array(count).fill(part))))

describe('deltas that are made', () => {
  it('give the target again, whatever base and target are', () => {
    fc.assert(
      fc.property(bytes, bytes, (base, target) => {
        const delta = encodeDelta(indexDeltaBase(base), target, NO_LIMIT) as Uint8Array
        expect(applyDelta(base, delta)).to.deep.equal(target)
      }),
      { numRuns: 300 }
    )
  })

  it('give a target that was cut out of its base and put together anew', () => {
    const cuts = fc.array(fc.tuple(fc.nat(5000), fc.nat(5000), fc.uint8Array({ maxLength: 20 })))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 5000 }), cuts, (base, parts) => {
        const target = concatBytes(
          parts.flatMap(([from, to, between]) => [base.subarray(from, to), between])
        )
        const delta = encodeDelta(indexDeltaBase(base), target, NO_LIMIT) as Uint8Array
        expect(applyDelta(base, delta)).to.deep.equal(target)
      }),
      { numRuns: 200 }
    )
  })

  it('are short where little changed, also beyond 64 kB and 16 MB', () => {
    const base = new Uint8Array(17 << 20)
    for (let i = 0, state = 1; i < base.length; i++) {
      state = Math.imul(state, 1103515245) + 12345
      base[i] = state >>> 16
    }
    const target = base.slice(1 << 20)
    target.set([1, 2, 3], 16 << 19)
    const delta = encodeDelta(indexDeltaBase(base), target, NO_LIMIT) as Uint8Array
    expect(delta.length).to.be.below(3000)
    expect(Buffer.from(applyDelta(base, delta) as Uint8Array).equals(target)).to.equal(true)
  })

  it('are given up where they would be longer than allowed', () => {
    const base = new Uint8Array(100).fill(1)
    const target = Uint8Array.from({ length: 200 }, (_, index) => index)
    expect(encodeDelta(indexDeltaBase(base), target, 100)).to.equal(undefined)
  })
})
