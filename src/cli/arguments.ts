import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'

import { wantsColor } from './colors.ts'
import type { CliCommand, CommandEntry, CommandInput, Host, OptionSpec } from './context.ts'

/** What the options that every command takes say. */
export interface GlobalOptions {
  /** The folder to work in, as if the command were started there. */
  readonly folder?: string
  readonly project?: string
  readonly json: boolean
  readonly color: boolean
  readonly quiet: boolean
  /** Nothing goes over a network. */
  readonly offline: boolean
}

/** A command line, understood. */
export type Parsed =
  | {
      readonly command: CliCommand
      /** What it is called by; `undefined` for what runs without a command. */
      readonly name: string | undefined
      readonly input: CommandInput
      readonly globals: GlobalOptions
    }
  /** The work is done, such as after `--help`. */
  | { readonly status: number }

const GLOBAL_WITH_VALUE = ['-C', '--project']

/** Returns the word of a command line that names the command; `undefined` if there is none. */
export function commandWord(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string
    if (word === '--') return undefined
    if (GLOBAL_WITH_VALUE.includes(word)) index++
    else if (!word.startsWith('-')) return word
  }
  return undefined
}

const GLOBAL_GROUP = 'Options of every command:'

function addGlobalOptions(command: Command): Command {
  const add = (flags: string, description: string): void => {
    command.addOption(new Option(flags, description).helpGroup(GLOBAL_GROUP))
  }
  add('-C <folder>', 'work in this folder')
  add('--project <name>', 'the project; addresses may leave it away')
  add('--json', 'print one JSON value')
  add('--no-color', 'print without colours')
  add('-q, --quiet', 'print results only')
  add('--offline', 'use no network')
  return command.addHelpOption(new Option('-h, --help', 'show this help').helpGroup(GLOBAL_GROUP))
}

/**
 * Parses a command line; only the command that it names is loaded.
 *
 * `overview` loads what runs without a command.
 */
export async function parseCommandLine(
  host: Host,
  words: readonly string[],
  commands: readonly CommandEntry[],
  overview: () => Promise<CliCommand>
): Promise<Parsed> {
  const names = commands.map((entry) => entry.name)
  const argv = helpAsOption(words, names)
  const word = commandWord(argv)
  const name = names.find((each) => each === word)
  let found: { command: CliCommand; input: CommandInput; parsed: Command } | undefined
  const program = createProgram(host, name)
  const define = (target: Command, command: CliCommand): void => {
    describe(target, command)
    target.action((...values: unknown[]) => {
      found = { command, input: readInput(target, command, values), parsed: target }
    })
  }
  for (const entry of commands) {
    const child = program.command(entry.name).helpGroup(entry.group)
    child.summary(entry.summary).description(entry.summary)
    if (entry.name === word) define(child, await entry.load())
    addGlobalOptions(child)
  }
  if (word === undefined && !asksVersion(argv)) define(program, await overview())
  addGlobalOptions(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return { status: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
  if (!found) return { status: 2 }
  return { command: found.command, name, input: found.input, globals: readGlobals(found.parsed) }
}

/** Takes `help ls` for `ls --help`; of a command that is not there, nothing can be told. */
function helpAsOption(words: readonly string[], names: readonly string[]): readonly string[] {
  if (commandWord(words) !== 'help') return words
  const at = words.indexOf('help')
  const others = [...words.slice(0, at), ...words.slice(at + 1)]
  const word = commandWord(others)
  return word === undefined || names.includes(word) ? [...others, '--help'] : others
}

function asksVersion(argv: readonly string[]): boolean {
  return argv.includes('--version') || argv.includes('-V')
}

function createProgram(host: Host, name: string | undefined): Command {
  const program = new Command('runtree')
  const color = wantsColor({ isTerminal: host.out.isTerminal, env: host.env, flag: true })
  program
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void host.out.write(text),
      writeErr: (text) => void host.err.write(text),
      getOutHelpWidth: () => Math.min(100, host.out.columns),
      getErrHelpWidth: () => Math.min(100, host.err.columns),
      getOutHasColors: () => color,
      getErrHasColors: () => color,
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'runtree: '))
        if (text.includes('too many arguments')) {
          write('hint: What has spaces in it stands in quotes, such as "loss < 0.2".\n')
        }
        write(`hint: runtree ${name ?? '<command>'} --help shows what it takes.\n`)
      }
    })
    .configureHelp({
      styleTitle: (text) => `\u001b[1m${text}\u001b[22m`,
      subcommandTerm: (command) => command.name()
    })
    .version(host.version, '-V, --version', 'print the version')
    .usage('[options] [command]')
    .addHelpText('after', '\nruntree <command> --help tells more. docs/CLI.md is the reference.')
    .helpCommand(false)
  return program
}

function describe(target: Command, command: CliCommand): void {
  target.description(command.description).allowExcessArguments(false)
  for (const [name, spec] of Object.entries(command.arguments)) {
    const form = {
      one: `<${name}>`,
      optional: `[${name}]`,
      many: `<${name}...>`,
      any: `[${name}...]`
    }[spec.form]
    const argument = target.createArgument(form, spec.description)
    target.addArgument(spec.choices ? argument.choices([...spec.choices]) : argument)
  }
  for (const spec of Object.values(command.options)) target.addOption(createOption(spec))
  if (command.passThrough) target.passThroughOptions()
  if (command.examples.length === 0) return
  const width = Math.max(...command.examples.map(([line]) => line.length))
  const lines = command.examples.map(
    ([line, what]) => `  runtree ${line.padEnd(Math.min(46, width))}  ${what}`
  )
  target.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

function createOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description)
  if (spec.form === 'texts') {
    option.argParser((value: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      value
    ])
  }
  if (spec.form === 'whole') {
    option.argParser((value: string) => {
      if (/^[1-9]\d{0,14}$/.test(value)) return Number(value)
      throw new InvalidArgumentError('It must be a whole number from 1 on.')
    })
  }
  return option
}

function readInput(target: Command, command: CliCommand, values: readonly unknown[]): CommandInput {
  const parsed: Record<string, unknown> = target.opts()
  const args = Object.keys(command.arguments).map((name, index) => [name, values[index]])
  const options = Object.entries(command.options).map(([name, spec]) => {
    const value = parsed[new Option(spec.flags).attributeName()]
    if (spec.form === 'flag') return [name, value === true]
    return [name, spec.form === 'texts' ? (value ?? []) : value]
  })
  return { args: Object.fromEntries(args), options: Object.fromEntries(options) }
}

function readGlobals(command: Command): GlobalOptions {
  const own: Record<string, unknown> = command.opts()
  const above: Record<string, unknown> = command.parent?.opts() ?? {}
  const text = (name: string): string | undefined =>
    (own[name] ?? above[name]) as string | undefined
  const folder = text('C')
  const project = text('project')
  return {
    ...(folder === undefined ? {} : { folder }),
    ...(project === undefined ? {} : { project }),
    json: own.json === true || above.json === true,
    color: own.color !== false && above.color !== false,
    quiet: own.quiet === true || above.quiet === true,
    offline: own.offline === true || above.offline === true
  }
}
