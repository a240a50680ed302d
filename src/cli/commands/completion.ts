import { defineCommand, required } from '../command.ts'
import type { CliCommand } from '../context.ts'
import { print, printJson } from '../print.ts'

/** A command as a completion script needs it. */
interface Completed {
  readonly name: string
  readonly summary: string
  readonly words: readonly string[]
}

const GLOBAL_WORDS = ['-C', '--project', '--json', '--no-color', '--quiet', '--offline', '--help']

/** `runtree completion`. */
export const completion = defineCommand({
  description: 'Prints a script that completes commands and their options in a shell.',
  arguments: { shell: required('the shell', ['bash', 'zsh', 'fish']) },
  options: {},
  examples: [
    ['completion bash >> ~/.bashrc', 'for bash'],
    ['completion zsh > ~/.zfunc/_runtree', 'for zsh, in a folder of $fpath'],
    ['completion fish > ~/.config/fish/completions/runtree.fish', 'for fish']
  ],
  async run(context, { args }) {
    const commands: Completed[] = []
    for (const { name, summary, load } of context.commands) {
      commands.push({ name, summary, words: wordsOf(await load()) })
    }
    const format = { bash: formatBash, zsh: formatZsh, fish: formatFish }[args.shell]
    const script = format?.(commands) ?? ''
    if (context.json) await printJson(context, script)
    else await print(context, script)
    return undefined
  }
})

function wordsOf(command: CliCommand): string[] {
  const flags = Object.values(command.options).map(
    ({ flags }) => /--[\w-]+/.exec(flags)?.[0] ?? flags
  )
  const choices = Object.values(command.arguments).flatMap((argument) => argument.choices ?? [])
  return [...choices, ...flags]
}

function formatBash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, words }) => `    ${name}) words="${words.join(' ')}" ;;`)
  return `# bash completion of runtree
_runtree() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) command="$word"; break ;;
    esac
  done
  case "$command" in
    "") words="${commands.map(({ name }) => name).join(' ')}" ;;
${cases.join('\n')}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words ${GLOBAL_WORDS.join(' ')}" -- "$current"))
}
complete -o default -F _runtree runtree
`
}

function formatZsh(commands: readonly Completed[]): string {
  const listed = commands.map(({ name, summary }) => `    '${name}:${quote(summary)}'`)
  const cases = commands.map(({ name, words }) => `    ${name}) compadd -- ${words.join(' ')} ;;`)
  return `#compdef runtree
_runtree() {
  local -a commands
  commands=(
${listed.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
  compadd -- ${GLOBAL_WORDS.join(' ')}
  _files
}
compdef _runtree runtree
`
}

function formatFish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, summary, words }) => [
    `complete -c runtree -n __fish_use_subcommand -f -a ${name} -d '${quote(summary)}'`,
    ...words.map((word) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`
      return `complete -c runtree -n '__fish_seen_subcommand_from ${name}' ${what}`
    })
  ])
  const globals = GLOBAL_WORDS.map((word) =>
    word.startsWith('--')
      ? `complete -c runtree -l ${word.slice(2)}`
      : `complete -c runtree -s ${word.slice(1)} -r`
  )
  return `# fish completion of runtree\n${[...lines, ...globals].join('\n')}\n`
}

function quote(text: string): string {
  return text.replaceAll("'", "'\\''")
}
