/** A fenced block of code in a page. */
export interface Snippet {
  readonly language: string
  readonly code: string
  /** What the HTML comment on the line above says, such as `file: train.py`. */
  readonly note: string | undefined
  /** The line of the opening fence, from 1. */
  readonly line: number
}

const BLOCK = /(?:^<!-- (.+) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm

/** Returns the fenced blocks of a Markdown page in their order. */
export function snippetsOf(page: string): readonly Snippet[] {
  return [...page.matchAll(BLOCK)].map((match) => ({
    language: match[2] as string,
    code: match[3] as string,
    note: match[1],
    line: page.slice(0, match.index).split('\n').length + (match[1] === undefined ? 0 : 1)
  }))
}
