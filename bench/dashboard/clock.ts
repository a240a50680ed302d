/** How long something took until it could be seen. */
export interface Painted {
  /** From the key or the click; for a visit from the start of the navigation. */
  readonly ms: number
  /** From the page's question. */
  readonly askedMs: number
  /** From the answer's arrival. */
  readonly answeredMs: number
}

/** What came of scrolling. */
export interface Scrolled {
  readonly frames: number
  /** How long each task over 50 ms took. */
  readonly longTasks: readonly number[]
}

/** What the benchmark asks of the page that it looks at. */
export interface Clock {
  /** Waits until elements are drawn whose texts have all of patterns: selectors with their patterns. */
  shown(wanted: Readonly<Record<string, string>>): Promise<number>
  /** Begins to wait until there are other elements of a kind, or their text is another one. */
  watch(selector: string): void
  /** Resolves when that is painted. */
  changed(): Promise<Painted>
  scroll(selector: string, ms: number): Promise<Scrolled>
}
