import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
]

describe('the pages', () => {
  it('link only to files that are there', () => {
    expect(pages).to.include.members(['README.md', join('docs', 'FORMAT.md')])
    const broken = pages.flatMap((page) =>
      [
        ...read(page)
          .replace(/`[^`\n]*`/g, '')
          .matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)
      ]
        .map((match) => match[1] as string)
        .filter((target) => !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} -> ${target}`)
    )
    expect(broken).to.deep.equal([])
  })

  it('are found by the messages and hints of the program that name them', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    const named = sources
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => read(join('src', name)).match(/docs\/[A-Z]+\.md/g) ?? [])
    expect(named).to.include('docs/FORMAT.md')
    expect(named.filter((page) => !existsSync(join(root, page)))).to.deep.equal([])
  })
})

describe('docs/LIMITS.md', () => {
  it('names constants that are where it says', () => {
    const places = [...read('docs/LIMITS.md').matchAll(/`(\w+)`,\s+([a-z][\w/-]*\.ts)\)/g)]
    const wrong = places
      .filter(([, name, file]) => !read(join('src', file as string)).includes(name as string))
      .map(([place]) => place)
    expect(places.length).to.be.greaterThan(15)
    expect(wrong).to.deep.equal([])
  })

  it('has the values of the constants in its table', () => {
    const rows = [...read('docs/LIMITS.md').matchAll(/\| ([\d,]+) \| `(\w+)` \| ([\w/-]+\.ts) \|/g)]
    const wrong = rows
      .map(([, value = '', name = '', file = '']) => {
        const found = new RegExp(`const ${name} = ([\\d_ *<]+)\\n`).exec(read(join('src', file)))
        return `${name}: ${value.replaceAll(',', '')}, ${found && computed(found[1] as string)}`
      })
      .filter((line) => !/: (\d+), \1$/.test(line))
    expect(rows.length).to.be.greaterThan(30)
    expect(wrong).to.deep.equal([])
  })
})

describe('CONTRIBUTING.md', () => {
  it('has a line for every dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const lines = read('CONTRIBUTING.md')
    const unexplained = [...Object.keys(dependencies), ...Object.keys(devDependencies)]
      .map((name) => name.replace(/^@types\/.*/, '@types/*'))
      .filter((name) => !lines.includes(`\`${name}\``))
    expect(unexplained).to.deep.equal([])
  })

  it('explains no package that is not there', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const rows = read('CONTRIBUTING.md')
      .split('## Dependencies')[1]
      ?.matchAll(/^\| (`.*`) \|/gm)
    const named = [...(rows ?? [])].flatMap((row) => (row[1] as string).split(', '))
    const unknown = named
      .map((name) => name.replaceAll('`', ''))
      .filter((name) => name !== '@types/*' && !(name in { ...dependencies, ...devDependencies }))
    expect(unknown).to.deep.equal([])
  })
})

/** Computes what a constant is set to: numbers, and products, powers and shifts of two. */
function computed(text: string): number {
  const [left = '', operator, right = ''] = text.trim().split(' ')
  const [a, b] = [left, right].map((number) => Number(number.replaceAll('_', ''))) as [
    number,
    number
  ]
  if (operator === '<<') return a << b
  if (operator === '**') return a ** b
  return operator === '*' ? a * b : a
}
