// Makes docs/images/session.svg: what a terminal shows in a session that is really run here.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const COMMANDS = [
  'runtree run -- python3 train.py --rate 0.03 --steps 60',
  'runtree run -- python3 train.py --rate 0.3 --steps 60',
  'runtree ls train --sort loss',
  'git -C ~/.runtree/vision.git log --oneline -4 experiments/train'
]
const COLUMNS = 98
const CHARACTER = { width: 8.4, height: 20, size: 14 }
const MARGIN = 18
const COLORS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 34: '#79c0ff', 36: '#76e3ea' }

const root = fileURLToPath(new URL('..', import.meta.url))
const lines = session().flatMap(({ command, output }) => [
  `\x1b[32m$\x1b[39m \x1b[1m${command}\x1b[22m`,
  ...output.trimEnd().split('\n'),
  ''
])
mkdirSync(join(root, 'docs/images'), { recursive: true })
writeFileSync(join(root, 'docs/images/session.svg'), picture(lines.slice(0, -1)))

/** Runs the commands in a new code repository of a new user, and returns what each printed. */
function session() {
  const folder = mkdtempSync(join(tmpdir(), 'runtree-picture-'))
  const code = join(folder, 'vision')
  const bin = join(folder, 'bin')
  try {
    mkdirSync(code)
    mkdirSync(bin)
    symlinkSync(join(root, 'dist/cli/main.js'), join(bin, 'runtree'))
    cpSync(join(root, 'examples/python/train.py'), join(code, 'train.py'))
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: folder,
      COLUMNS: String(COLUMNS),
      FORCE_COLOR: '1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.org'
    }
    const run = (command) =>
      execFileSync('sh', ['-c', `exec 2>&1; ${command}`], { cwd: code, env, encoding: 'utf8' })
    run('git init --quiet && git add . && git commit --quiet --message "A first model"')
    return COMMANDS.map((command) => ({ command, output: run(command) }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Draws lines of text with colours as a terminal would. */
function picture(lines) {
  const width = Math.ceil(COLUMNS * CHARACTER.width + 2 * MARGIN)
  const height = lines.length * CHARACTER.height + 2 * MARGIN
  const texts = lines.flatMap((line, row) =>
    spansOf(line).map((span) => textOf(span, MARGIN + (row + 0.75) * CHARACTER.height))
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A terminal session with Runtree">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CHARACTER.size}" fill="#e6edf3" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`
}

/** Splits a line at its colours and wide gaps; spaces around a piece only move it. */
function spansOf(line) {
  const spans = []
  let style = {}
  let column = 0
  for (const piece of line.split(/(\p{Cc}\[[\d;]+m)/u)) {
    const codes = /^\p{Cc}\[([\d;]+)m$/u.exec(piece)
    if (codes) style = codes[1].split(';').reduce(styleAfter, style)
    else {
      for (const { 0: text, index } of piece.matchAll(/\S+(?: \S+)*/g)) {
        spans.push({ ...style, text, column: column + index })
      }
      column += piece.length
    }
  }
  return spans
}

function styleAfter(style, code) {
  if (code === '0') return {}
  if (code === '1') return { ...style, bold: true }
  if (code === '2') return { ...style, dim: true }
  if (code === '22') return { ...style, bold: false, dim: false }
  return { ...style, color: COLORS[code] }
}

function textOf({ text, column, bold, dim, color }, y) {
  const attributes = [
    `x="${(MARGIN + column * CHARACTER.width).toFixed(1)}" y="${y}"`,
    `textLength="${(text.length * CHARACTER.width).toFixed(1)}"`,
    color && `fill="${color}"`,
    bold && 'font-weight="bold"',
    dim && 'opacity="0.6"'
  ]
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<text ${attributes.filter(Boolean).join(' ')}>${escaped}</text>`
}
