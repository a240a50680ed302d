const ESCAPE = '\u001b'
const BELL = '\u0007'

/** Colours, cursor movements, titles and links of terminals. */
const SEQUENCES = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)?|[ -/]*[0-~])`,
  'g'
)
const CONTROLS = /[\p{Cc}\p{Bidi_Control}]/gu

/**
 * Makes what a program wrote to a terminal plain lines: without colours, and of a line that was written over
 * (progress bars) the last state.
 */
export function plainLines(text: string): readonly string[] {
  const lines = text.replace(SEQUENCES, '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map(plainLine)
}

function plainLine(line: string): string {
  const written = line.replace(/\r+$/, '')
  const last = written.slice(written.lastIndexOf('\r') + 1)
  return last.replace(CONTROLS, (character) => (character === '\t' ? '    ' : '\ufffd'))
}
