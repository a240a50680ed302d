/**
 * Makes text from the store harmless for a terminal.
 *
 * Colours are taken away; every other control character, and what turns the direction of writing, is
 * shown as an escape such as `\x1b`, so that a name can neither move the cursor nor pass for another.
 */
export function printable(text: string): string {
  return neutralize(text, '')
}

/** Makes text of several lines harmless: line ends and tabs stay. */
export function printableLines(text: string): string {
  return neutralize(text.replaceAll('\r\n', '\n'), '\n\t')
}

const COLOR = /\p{Cc}\[[0-9;:]*m/gu
const HARMFUL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu
const ESCAPE = 0x1b

function neutralize(text: string, allowed: string): string {
  if (text.search(HARMFUL) === -1) return text
  return text
    .replace(COLOR, (match) => (match.charCodeAt(0) === ESCAPE ? '' : match))
    .replace(HARMFUL, (character) => (allowed.includes(character) ? character : nameOf(character)))
}

function nameOf(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  const code = character.charCodeAt(0)
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
