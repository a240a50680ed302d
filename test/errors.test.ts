import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { FAILURES } from '../src/cli/failures.ts'

/** A line of docs/ERRORS.md about one code. */
interface Entry {
  readonly code: string
  readonly data: readonly string[]
  /** Absent for warnings. */
  readonly status: number | undefined
}

const source = fileURLToPath(new URL('../src/', import.meta.url))
const page = fileURLToPath(new URL('../docs/ERRORS.md', import.meta.url))
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts'))
const tables = files.filter((file) => file.endsWith('/errors.ts') && file !== 'base/errors.ts')

/** Returns the codes that a file defines. */
async function codesIn(file: string): Promise<readonly string[]> {
  const exported: Record<string, unknown> = await import(join(source, file))
  return Object.values(exported).flatMap((value) =>
    typeof value === 'object' && value !== null && 'codes' in value
      ? (value.codes as readonly string[])
      : []
  )
}

/** Returns the members of the data of a code, as its table declares them. */
function membersOf(table: string, code: string): readonly string[] {
  const text = table.slice(table.indexOf(`\n  ${code}:`))
  const [, shared, declared = ''] =
    /^\s*\w+: \(\s*(?:data: (AtRemote)?(?: & )?(?:\{([^}]*)\})?)?/.exec(text) ?? []
  const withoutComments = declared.replace(/\/\*[\s\S]*?\*\//g, '')
  const own = [...withoutComments.matchAll(/(\w+)\??:/g)].map((match) => match[1] as string)
  return shared === undefined ? own : ['url', ...own]
}

function documented(): readonly Entry[] {
  const rows = readFileSync(page, 'utf8').matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)
  return [...rows].map(([, code = '', rest = '']) => {
    const cells = rest.split(' | ')
    return {
      code,
      data: cells[1] === '–' ? [] : (cells[1] as string).split(', '),
      status: cells.length === 4 ? Number(cells[2]) : undefined
    }
  })
}

describe('docs/ERRORS.md', () => {
  const entries = documented()
  const codes: string[] = []
  const members = new Map<string, readonly string[]>()

  before(async () => {
    for (const file of tables) {
      const text = readFileSync(join(source, file), 'utf8')
      for (const code of await codesIn(file)) {
        codes.push(code)
        members.set(code, membersOf(text, code))
      }
    }
  })

  it('finds the tables of the floors', () => {
    expect(tables).to.include.members(['git/errors.ts', 'model/errors.ts', 'store/errors.ts'])
    expect(codes).to.include.members(['GIT_REF_LOCKED', 'CAPTURE_GIT_MISSING', 'CLI_USAGE'])
  })

  it('has a line for every code, and none for a code that does not exist', () => {
    expect(entries.map(({ code }) => code).sort()).to.deep.equal([...codes].sort())
  })

  it('names the data of every code', () => {
    const written = new Map(entries.map(({ code, data }) => [code, data]))
    expect(written).to.deep.equal(members)
  })

  it('says with which status the command line exits', () => {
    const wrong = entries
      .filter(({ code }) => !code.startsWith('CAPTURE_'))
      .filter(({ code, status }) => status !== (FAILURES[code]?.status ?? 1))
    expect(wrong).to.deep.equal([])
  })

  it('documents no code that nothing makes', () => {
    const makers = files
      .filter((file) => file !== 'cli/failures.ts' && file !== 'base/capture.ts')
      .map((file) => readFileSync(join(source, file), 'utf8'))
    const unused = codes.filter(
      (code) => !makers.some((text) => new RegExp(`create\\(\\s*'${code}'`).test(text))
    )
    expect(unused).to.deep.equal([])
  })

  it('lets the command line know only codes that exist', () => {
    const known = Object.keys(FAILURES).filter((code) => code.includes('_'))
    expect(known.filter((code) => !codes.includes(code))).to.deep.equal([])
  })
})
