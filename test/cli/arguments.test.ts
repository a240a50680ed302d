import { expect } from 'chai'

import { commandWord, parseCommandLine } from '../../src/cli/arguments.ts'
import { wantsColor } from '../../src/cli/colors.ts'
import { defineCommand, flag, many, optional, text, texts, whole } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/registry.ts'
import { fakeHost, stringOutput } from './fake-host.ts'

const sample = defineCommand({
  description: 'Does something.',
  arguments: { first: optional('the first') },
  options: {
    all: flag('-a, --all', 'all'),
    sort: text('-s, --sort <name>', 'sort'),
    filter: texts('--filter <f>', 'filter'),
    limit: whole('-n, --limit <count>', 'limit')
  },
  examples: [['do it', 'an example']],
  run: async () => undefined
})
const passing = defineCommand({
  description: 'Passes on.',
  arguments: { command: many('a command') },
  passThrough: true,
  options: { name: text('--name <name>', 'a name') },
  examples: [],
  run: async () => undefined
})
const commands = [
  { name: 'do', group: 'Do:', summary: 'do something', load: async () => sample },
  { name: 'pass', group: 'Do:', summary: 'pass on', load: async () => passing },
  {
    name: 'never',
    group: 'Do:',
    summary: 'is not loaded',
    load: () => Promise.reject(new TypeError('it was loaded'))
  }
]

async function parse(...argv: string[]) {
  const host = fakeHost()
  const parsed = await parseCommandLine(host, argv, commands, async () => sample)
  return { parsed, host, input: 'input' in parsed ? parsed.input : undefined }
}

describe('command line', () => {
  it('gives arguments and options by name', async () => {
    const { input } = await parse(
      'do',
      'x',
      '--filter',
      'a=1',
      '--filter',
      'b=2',
      '-n',
      '3',
      '--sort',
      '-acc'
    )
    expect(input).to.deep.equal({
      args: { first: 'x' },
      options: { all: false, sort: '-acc', filter: ['a=1', 'b=2'], limit: 3 }
    })
  })

  it('takes global options before and behind the command', async () => {
    const expected = {
      folder: '/x',
      project: 'p',
      json: true,
      color: false,
      quiet: true,
      offline: true
    }
    for (const argv of [
      ['-C', '/x', '--project', 'p', '--json', '--no-color', '-q', '--offline', 'do'],
      ['do', '-C', '/x', '--project', 'p', '--json', '--no-color', '-q', '--offline'],
      ['-C', '/x', '--offline', '--json', 'do', '--project=p', '-q', '--no-color'],
      ['-C', '/x', '--project', 'p', '--json', '--no-color', '-q', '--offline']
    ]) {
      const { parsed } = await parse(...argv)
      expect(parsed).to.have.property('globals').that.deep.equals(expected)
    }
  })

  it('leaves all behind the first argument of a passing command alone', async () => {
    const cases: [string[], string[]][] = [
      [
        ['pass', '--name', 'n', '--', 'python', 'a.py', '--name', 'x', '--json'],
        ['python', 'a.py', '--name', 'x', '--json']
      ],
      [
        ['pass', '--name', 'n', 'python', 'a.py', '-q', '--help'],
        ['python', 'a.py', '-q', '--help']
      ],
      [
        ['pass', '--name', 'n', '--', 'git', 'log', '--', 'file'],
        ['git', 'log', '--', 'file']
      ]
    ]
    for (const [argv, command] of cases) {
      const { input, parsed } = await parse(...argv)
      expect(input).to.deep.equal({ args: { command }, options: { name: 'n' } })
      expect(parsed).to.have.nested.property('globals.json', false)
    }
  })

  const wrong = [
    ['dooo'],
    ['do', '--nothing'],
    ['do', 'x', 'y'],
    ['do', '--limit', '0'],
    ['do', '--limit', 'many'],
    ['do', '--sort'],
    ['pass'],
    ['--nothing']
  ]
  for (const argv of wrong) {
    it(`refuses “${argv.join(' ')}” with status 2 and a hint`, async () => {
      const { parsed, host } = await parse(...argv)
      expect(parsed).to.deep.equal({ status: 2 })
      expect(host.err.text)
        .to.match(/^runtree: /)
        .and.to.contain('hint: ')
      expect(host.out.text).to.equal('')
    })
  }

  it('prints help and version on standard output with status 0', async () => {
    const help = await parse('do', '--help')
    expect(help.parsed).to.deep.equal({ status: 0 })
    expect(help.host.out.text).to.contain('Examples:\n  runtree do it  an example')
    const version = await parse('--version')
    expect(version.parsed).to.deep.equal({ status: 0 })
    expect(version.host.out.text).to.equal('1.2.3\n')
  })

  it('takes help before a command, too', async () => {
    const help = await parse('help', 'do')
    expect(help.parsed).to.deep.equal({ status: 0 })
    expect(help.host.out.text).to.equal((await parse('do', '--help')).host.out.text)
    const all = await parse('help')
    expect(all.parsed).to.deep.equal({ status: 0 })
    expect(all.host.out.text).to.contain('Usage: runtree [options] [command]')
    expect((await parse('help', 'dooo')).parsed).to.deep.equal({ status: 2 })
  })

  it('says in a hint how what has spaces is given, and which help tells more', async () => {
    const { host } = await parse('do', 'loss', '<', '2')
    expect(host.err.text).to.contain('stands in quotes').and.to.contain('hint: runtree do --help')
    expect((await parse('dooo')).host.err.text).to.contain('hint: runtree <command> --help')
  })

  it('finds the command word behind global options with values', () => {
    expect(commandWord(['-C', 'ls', '--project', 'show', '--json', 'get'])).to.equal('get')
    expect(commandWord(['--json'])).to.equal(undefined)
  })
})

describe('the commands', () => {
  for (const entry of COMMANDS) {
    it(`${entry.name} has help of its own that fits 80 columns`, async () => {
      const host = fakeHost({ out: stringOutput({ columns: 80 }) })
      const parsed = await parseCommandLine(
        host,
        [entry.name, '--help'],
        COMMANDS,
        async () => sample
      )
      expect(parsed).to.deep.equal({ status: 0 })
      expect(host.out.text).to.contain(`Usage: runtree ${entry.name}`)
      const before = host.out.text.split('\nExamples:')[0] as string
      for (const line of before.split('\n')) expect(line.length, line).to.be.at.most(80)
      expect(host.out.text).to.contain('\nExamples:\n')
    })
  }
})

describe('colours', () => {
  const terminal = { isTerminal: true, env: {}, flag: true }
  it('are for terminals, unless the user wants otherwise', () => {
    expect(wantsColor(terminal)).to.equal(true)
    expect(wantsColor({ ...terminal, isTerminal: false })).to.equal(false)
    expect(wantsColor({ ...terminal, flag: false })).to.equal(false)
    expect(wantsColor({ ...terminal, env: { NO_COLOR: '1' } })).to.equal(false)
    expect(wantsColor({ ...terminal, env: { TERM: 'dumb' } })).to.equal(false)
    expect(wantsColor({ ...terminal, isTerminal: false, env: { FORCE_COLOR: '1' } })).to.equal(true)
    expect(wantsColor({ ...terminal, env: { FORCE_COLOR: '0' } })).to.equal(false)
    expect(wantsColor({ ...terminal, flag: false, env: { FORCE_COLOR: '1' } })).to.equal(false)
  })
})
