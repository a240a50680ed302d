import type { Context } from './context.ts'
import { padTo } from './table.ts'

/** Formats lines of a name and a value; absent values are left away, long ones wrap. */
export function formatPairs(
  context: Pick<Context, 'colors' | 'out'>,
  pairs: readonly (readonly [name: string, value: string | undefined])[]
): string {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.min(28, Math.max(0, ...shown.map(([name]) => name.length)))
  const room = Math.max(20, context.out.columns - width - 4)
  return shown
    .map(([name, value]) => {
      const [first = '', ...more] = wrap(value as string, room)
      const indent = `\n${' '.repeat(width + 4)}`
      return `  ${context.colors.dim(padTo(name, width))}  ${[first, ...more].join(indent)}\n`
    })
    .join('')
}

/** Formats a part of a page under its title; nothing if the part is empty. */
export function formatSection(
  context: Pick<Context, 'colors'>,
  title: string,
  body: string
): string {
  return body === '' ? '' : `\n${context.colors.bold(title)}\n${body}`
}

/** Indents each line of a text. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

/** Breaks text at spaces into lines of a width; what has no space stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    let current = ''
    for (const word of line.split(' ')) {
      if (current !== '' && current.length + 1 + word.length > width) {
        lines.push(current)
        current = word
      } else current = current === '' ? word : `${current} ${word}`
    }
    lines.push(current)
  }
  return lines
}
