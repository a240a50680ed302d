/** A test case of a page, as the tests in Node see it. */
export interface PageCase {
  readonly title: string
}

interface Suite {
  readonly title: string
  readonly above: Suite | undefined
  readonly before: (() => unknown)[]
  readonly after: (() => unknown)[]
}

const cases: { readonly title: string; readonly suite: Suite; readonly body: () => unknown }[] = []
let suite: Suite = { title: '', above: undefined, before: [], after: [] }

/** Puts mocha's words into a page, so that suites that were written for Node run there. */
Object.assign(globalThis, {
  describe(title: string, body: () => void) {
    const above = suite
    suite = { title, above, before: [], after: [] }
    body()
    suite = above
  },
  it(title: string, body: () => unknown) {
    cases.push({ title, suite, body })
  },
  beforeEach: (body: () => unknown) => void suite.before.push(body),
  afterEach: (body: () => unknown) => void suite.after.push(body),
  listCases: (): readonly PageCase[] =>
    cases.map((each) => ({ title: [...suitesOf(each.suite), each.title].join(': ') })),
  runCase
})

/** Runs a case; returns what went wrong, `''` if nothing did. */
async function runCase(number: number): Promise<string> {
  const found = cases[number]
  if (found === undefined) return `there is no case ${number}`
  const chain: Suite[] = []
  for (let at: Suite | undefined = found.suite; at !== undefined; at = at.above) chain.unshift(at)
  try {
    for (const each of chain) for (const hook of each.before) await hook()
    await found.body()
    return ''
  } catch (error) {
    return error instanceof Error ? `${error.stack ?? error.message}` : String(error)
  } finally {
    for (const each of chain.reverse()) for (const hook of each.after) await hook()
  }
}

function suitesOf(of: Suite): string[] {
  const titles: string[] = []
  for (let at: Suite | undefined = of; at !== undefined; at = at.above) {
    if (at.title !== '') titles.unshift(at.title)
  }
  return titles
}
