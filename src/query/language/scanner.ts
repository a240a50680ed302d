import { queryErrors } from '../errors.ts'

/** Words that can't be a field's first name without quotes. */
export const KEYWORDS: readonly string[] = ['and', 'or', 'not', 'in', 'has', 'exists']

const SPACE = /\s*/y
const FIRST_NAME = /[\p{L}_][\p{L}\p{N}_/-]*/uy
const NEXT_NAME = /[\p{L}\p{N}_][\p{L}\p{N}_/-]*/uy
const DOUBLE_QUOTED = /"(?:[^"\\]|\\[\s\S])*"/y
const SINGLE_QUOTED = /'(?:[^'\\]|\\[\s\S])*'/y
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_/-]*$/u
const PLAIN_NEXT_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_/-]*$/u

/** Tells whether a name of a path needs no quotes. */
export function isPlainName(name: string, isFirst: boolean): boolean {
  if (!isFirst) return PLAIN_NEXT_NAME.test(name)
  return PLAIN_NAME.test(name) && !KEYWORDS.includes(name.toLowerCase())
}

/** Reads a text from left to right. */
export class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  skipSpace(): void {
    this.match(SPACE)
  }

  /** Whether nothing but space is left. */
  get isAtEnd(): boolean {
    this.skipSpace()
    return this.at >= this.text.length
  }

  /** Takes what a sticky expression matches here. */
  match(expression: RegExp): string | undefined {
    expression.lastIndex = this.at
    const found = expression.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  /** Takes a sign, after space. */
  take(sign: string): boolean {
    this.skipSpace()
    if (!this.text.startsWith(sign, this.at)) return false
    this.at += sign.length
    return true
  }

  /** Tells which word or sign comes next, without taking it. */
  peekWord(): string {
    this.skipSpace()
    const at = this.at
    const word = this.match(FIRST_NAME) ?? ''
    this.at = at
    return word
  }

  /** Takes a keyword, in small or capital letters. */
  takeWord(word: string): boolean {
    const next = this.peekWord()
    if (next !== word && next !== word.toUpperCase()) return false
    this.at += next.length
    return true
  }

  /** Takes a name of a path; `undefined` if none begins here. */
  name(isFirst: boolean): string | undefined {
    if (this.text[this.at] === '"' || this.text[this.at] === "'") return this.quoted()
    return this.match(isFirst ? FIRST_NAME : NEXT_NAME)
  }

  /** Takes quoted text, in which `\` has the meanings of JSON, and `\'` is an apostrophe. */
  quoted(): string {
    const start = this.at
    const raw = this.match(DOUBLE_QUOTED) ?? this.match(SINGLE_QUOTED)
    if (raw === undefined) throw this.mistake('the text that begins here has no end', start)
    const inner = raw.slice(1, -1)
    const body =
      raw[0] === '"'
        ? inner
        : inner.replace(/\\([\s\S])|"/g, (found, escaped) =>
            found === '"' ? '\\"' : escaped === "'" ? "'" : found
          )
    try {
      return JSON.parse(
        `"${body.replace(/[\n\r\t]/g, (sign) => JSON.stringify(sign).slice(1, -1))}"`
      )
    } catch {
      throw this.mistake(
        'a backslash in quotes must be doubled, or begin \\" \\n \\t \\u0041',
        start
      )
    }
  }

  /** Returns the error about a mistake at a place. Default: here. */
  mistake(reason: string, at = this.at, suggestion?: string): Error {
    const data = { text: this.text, at, reason }
    return queryErrors.create(
      'QUERY_SYNTAX',
      suggestion === undefined ? data : { ...data, suggestion }
    )
  }
}
