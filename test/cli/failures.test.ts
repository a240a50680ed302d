import { expect } from 'chai'

import { CodedError } from '../../src/base/errors.ts'
import { cliErrors, usageError } from '../../src/cli/errors.ts'
import { FAILURES, reportFailure } from '../../src/cli/failures.ts'
import { fakeContext } from './fake-host.ts'

describe('failures', () => {
  const report = (error: unknown, env = {}) => {
    const context = fakeContext({ env })
    return { status: reportFailure(context, error), text: context.err.text }
  }

  it('say what happened, then what to do', () => {
    expect(report(usageError('No such thing.'))).to.deep.equal({
      status: 2,
      text: 'runtree: No such thing.\nhint: runtree <command> --help shows what it takes.\n'
    })
  })

  it('name the command whose help tells more', () => {
    const context = fakeContext()
    reportFailure({ ...context, command: 'export' }, usageError('No such thing.'))
    expect(context.err.text).to.contain('hint: runtree export --help shows what it takes.')
  })

  it('have statuses by code, 1 where the code is unknown', () => {
    const coded = (code: string) => report(new CodedError(code, 'It is so.', {})).status
    expect(coded('STORE_EXISTS')).to.equal(3)
    expect(coded('STORE_AMBIGUOUS')).to.equal(2)
    expect(coded('FUTURE_THING')).to.equal(1)
    expect(coded('toString')).to.equal(1)
  })

  it('explain errors of the file system', () => {
    const error = Object.assign(new Error('EACCES: permission denied, open /x'), { code: 'EACCES' })
    expect(report(error)).to.have.property('text').that.contains('hint: Check who owns the file')
  })

  it('show where they come from only when asked', () => {
    const error = new TypeError('x is undefined', { cause: new RangeError('inner') })
    expect(report(error).text).to.not.contain('    at ')
    const { text } = report(error, { RUNTREE_DEBUG: '1' })
    expect(text).to.contain('    at ').and.contain('caused by RangeError: inner')
  })

  it('never print control characters of a message', () => {
    expect(report(usageError('a\u001b[2Jb')).text).to.contain('a\\x1b[2Jb')
  })

  it('count a command that the user stopped as interrupted, without a message', () => {
    const context = fakeContext({ signal: AbortSignal.abort() })
    expect(reportFailure(context, usageError('x'))).to.equal(130)
    expect(context.err.text).to.equal('')
  })

  it('know every code of the command line', () => {
    for (const code of cliErrors.codes) expect(FAILURES).to.have.property(code)
  })
})
