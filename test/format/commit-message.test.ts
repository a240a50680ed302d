import { expect } from 'chai'
import { formatMessage, parseMessage } from '../../src/format/commit-message.ts'
import type { ObjectKey } from '../../src/model/kinds.ts'

const RUN = { kind: 'run', experiment: 'iris-svc', run: 'k3f9q2xab7mt' } as const

function subjectOf(...keys: readonly (ObjectKey | string)[]): string {
  return formatMessage({ operation: 'put', keys }).split('\n')[0] as string
}

describe('commit messages', () => {
  it('are what the document says', () => {
    expect(formatMessage({ operation: 'put', keys: [RUN] })).to.equal(
      'put run k3f9q2xab7mt\n\nRuntree-Operation: put\n' +
        'Runtree-Object: experiments/iris-svc/runs/k/3/k3f9q2xab7mt\n'
    )
  })

  it('name one object, or how many there are and where', () => {
    expect(subjectOf({ kind: 'project' })).to.equal('put project')
    expect(subjectOf({ ...RUN, kind: 'split', name: 'Fold\n1' })).to.equal(
      'put split %46old%0a1 of k3f9q2xab7mt'
    )
    expect(subjectOf(RUN, { ...RUN, kind: 'environment' })).to.equal('put 2 objects in iris-svc')
    expect(subjectOf(RUN, { kind: 'dataset', dataset: 'iris' })).to.equal('put 2 objects')
    expect(subjectOf(RUN, RUN)).to.equal('put run k3f9q2xab7mt')
    expect(subjectOf('README.md')).to.equal('put README.md')
    expect(subjectOf()).to.equal('put')
    expect(subjectOf({ ...RUN, kind: 'artifact', name: `${'x/'.repeat(50)}y` })).to.have.length(72)
  })

  it('come back', () => {
    const keys: ObjectKey[] = [RUN, { kind: 'project' }]
    expect(
      parseMessage(formatMessage({ operation: 'delete', keys, note: 'Too old.' }))
    ).to.deep.equal({
      operation: 'delete',
      paths: ['experiments/iris-svc/runs/k/3/k3f9q2xab7mt', 'project.yaml'],
      count: 2
    })
  })

  it('do not take a note for trailers', () => {
    const note = 'Runtree-Operation: delete\nRuntree-Object: x'
    const parsed = parseMessage(formatMessage({ operation: 'put', keys: [RUN], note }))
    expect(parsed).to.deep.include({ operation: 'put', count: 1 })
  })

  it('of others are none of ours', () => {
    expect(parseMessage('Fix the build\n\nSigned-off-by: A <a@b.c>\n')).to.equal(undefined)
    expect(parseMessage('')).to.equal(undefined)
  })
})
