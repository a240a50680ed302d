import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import fc from 'fast-check'

import { isCoded } from '../../src/base/errors.ts'
import { DECODERS, type Decoder } from './decoders.ts'
import { MORE_DECODERS } from './more-decoders.ts'

/** Bytes at which readers of formats turn. */
const TURNS = [
  0, 1, 9, 10, 13, 0x20, 0x22, 0x23, 0x25, 0x26, 0x2a, 0x2d, 0x2e, 0x2f, 0x3a, 0x40, 0x5b, 0x7b,
  0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xf4, 0xff
]
/** What one case may take of the processor: on a busy machine the clock tells nothing. */
const CASE_MS = 3000
/** By how much memory may have grown when all cases are through. */
const GROWTH_BYTES = 1 << 29

const FOUND = fileURLToPath(new URL('../../fixtures/hostile/found', import.meta.url))

/** Changes some bytes of good input. */
function damaged(sample: Uint8Array): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.constantFrom(...TURNS), fc.nat(255))
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.oneof(fc.nat(2), fc.nat(sample.length)),
    added: fc.oneof(fc.array(byte, { maxLength: 4 }), fc.constant([...sample.subarray(0, 200)]))
  })
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let bytes = [...sample]
    for (const { at, removed, added } of changes) {
      const start = Math.floor(at * bytes.length)
      bytes = [...bytes.slice(0, start), ...added, ...bytes.slice(start + removed)]
    }
    return Uint8Array.from(bytes)
  })
}

function inputs({ samples, refused = [] }: Decoder): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...samples, ...refused).chain(damaged) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    {
      weight: 1,
      arbitrary: fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text))
    }
  )
}

/** Expects that a decoder reads some bytes, or says with a coded error that it can't, and soon. */
export async function expectHarmless({ decode }: Decoder, bytes: Uint8Array): Promise<void> {
  const start = process.cpuUsage()
  try {
    await decode(bytes)
  } catch (error) {
    if (!isCoded(error)) throw error
  }
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1000).to.be.below(CASE_MS)
}

/** Gives every decoder so many inputs that nobody should have made. */
export function testDecoders(cases: number, seed: number): void {
  for (const decoder of [...DECODERS, ...MORE_DECODERS]) {
    it(`${decoder.name}: ${cases} cases`, async () => {
      const before = process.memoryUsage().rss
      const property = fc.asyncProperty(inputs(decoder), (bytes) => expectHarmless(decoder, bytes))
      await fc.assert(property, { numRuns: cases, seed })
      expect(process.memoryUsage().rss - before).to.be.below(GROWTH_BYTES)
    })

    const folder = `${FOUND}/${decoder.name.replaceAll(' ', '-')}`
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      it(`${decoder.name}: ${name}, found before`, () =>
        expectHarmless(decoder, readFileSync(`${folder}/${name}`)))
    }

    it(`${decoder.name}: what is good is read, what is not is refused`, async () => {
      for (const sample of decoder.samples) await decoder.decode(sample)
      for (const bytes of decoder.refused ?? []) {
        expect(isCoded(await failureOf(decoder, bytes))).to.equal(true)
      }
    })
  }
}

async function failureOf({ decode }: Decoder, bytes: Uint8Array): Promise<unknown> {
  try {
    await decode(bytes)
  } catch (error) {
    return error
  }
  return undefined
}
