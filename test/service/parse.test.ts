import { expect } from 'chai'

import { formatObject, parseObjects } from '../../src/service/parse.ts'

async function codeOf(reading: Promise<unknown>): Promise<string | undefined> {
  try {
    await reading
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}

describe('objects as text', () => {
  it('reads one map, a list, and several documents', async () => {
    const one = { kind: 'experiment', fields: { name: 'a' } }
    const two = { kind: 'experiment', fields: { name: 'b' } }
    expect(await parseObjects('kind: experiment\nname: a\n')).to.deep.equal([one])
    expect(
      await parseObjects('[{"kind":"experiment","name":"a"},{"kind":"experiment","name":"b"}]')
    ).to.deep.equal([one, two])
    expect(
      await parseObjects('---\nkind: experiment\nname: a\n---\nkind: experiment\nname: b\n')
    ).to.deep.equal([one, two])
    expect(await parseObjects('')).to.deep.equal([])
  })

  const addresses: [string, string, object][] = [
    ['project', 'vision', { id: 'vision' }],
    ['experiment', 'vision/train', { in: 'vision', id: 'train' }],
    ['experiment', 'train', { id: 'train' }],
    ['dataset', 'vision/datasets/iris', { in: 'vision', id: 'iris' }],
    ['dataset', 'datasets/iris', { id: 'iris' }],
    ['run', 'vision/train/k3f9q2xab7mt', { in: 'vision/train', id: 'k3f9q2xab7mt' }],
    ['environment', 'train/k3f9q2xab7mt/environment', { in: 'train/k3f9q2xab7mt' }],
    [
      'metric',
      'train/k3f9q2xab7mt/metrics/a/metrics/b',
      { in: 'train/k3f9q2xab7mt', id: 'a/metrics/b' }
    ],
    ['split', 'v/train/k3f9q2xab7mt/splits/0%401', { in: 'v/train/k3f9q2xab7mt', id: '0@1' }]
  ]
  for (const [kind, address, place] of addresses) {
    it(`takes the address ${address} of a ${kind} apart`, async () => {
      const text = `kind: ${kind}\naddress: ${address}\nname: x\n`
      expect(await parseObjects(text)).to.deep.equal([{ kind, ...place, fields: { name: 'x' } }])
    })
  }

  it('keeps the id of a project as a field, and of other kinds as the wished id', async () => {
    expect((await parseObjects('kind: project\nid: abc\n'))[0]).to.deep.equal({
      kind: 'project',
      fields: { id: 'abc' }
    })
    expect((await parseObjects('kind: experiment\nid: abc\n'))[0]?.id).to.equal('abc')
  })

  it('reads what it formats', async () => {
    const object = {
      kind: 'run',
      address: 'v/t/k3f9q2xab7mt',
      fields: { status: 'finished', params: { k: 5 } }
    }
    const text = formatObject(object)
    expect(text.split('\n').slice(0, 2)).to.deep.equal(['kind: run', 'address: v/t/k3f9q2xab7mt'])
    expect((await parseObjects(text))[0]?.fields).to.deep.equal(object.fields)
  })

  const wrong: [string, string][] = [
    ['name: a', 'SERVICE_OBJECT_TEXT'],
    ['kind: nothing', 'SERVICE_OBJECT_TEXT'],
    ['kind: toString', 'SERVICE_OBJECT_TEXT'],
    ['kind: run\nin: 3', 'SERVICE_OBJECT_TEXT'],
    ['kind: run\nin: a\naddress: b', 'SERVICE_OBJECT_TEXT'],
    ['kind: split\naddress: a/b', 'SERVICE_OBJECT_TEXT'],
    ['just text', 'SERVICE_OBJECT_TEXT'],
    ['kind: run\naddress: a//b', 'MODEL_ADDRESS'],
    ['kind: [', 'FORMAT_YAML']
  ]
  for (const [text, code] of wrong) {
    it(`refuses ${JSON.stringify(text)} with ${code}`, async () => {
      expect(await codeOf(parseObjects(text))).to.equal(code)
    })
  }

  it('places an error of a later document at its line of the whole text', async () => {
    try {
      await parseObjects('kind: run\n---\nkind: run\na: [\n', { path: 'x.yaml' })
      expect.fail('it was accepted')
    } catch (error) {
      expect((error as { data: { line: number } }).data.line).to.be.within(4, 5)
    }
  })
})
