import { equalJson, type Json } from '../base/json.ts'
import { type ComparedSource, type Leaf, SECTIONS } from './compared-fields.ts'
import type { ComparedField, ComparedSection, ValueChange } from './comparison.ts'
import { type DiffHunk, diffTexts } from './text-diff.ts'

type Goal = 'minimize' | 'maximize'

/** Texts of more characters, or of several lines, are compared line by line. */
const LONG_TEXT_CHARS = 80

/**
 * Compares the fields of runs, those of the others with those of the first.
 *
 * @param all whether fields that are alike are listed, too.
 */
export async function compareFields(
  sources: readonly ComparedSource[],
  options: { readonly all: boolean; readonly nowMs: number }
): Promise<readonly ComparedSection[]> {
  const sections: ComparedSection[] = []
  for (const [name, leavesOf] of SECTIONS) {
    const columns = sources.map((source) => leavesOf(source, options.nowMs))
    const present = columns.map((leaves) => leaves !== undefined)
    const fields: ComparedField[] = []
    let same = 0
    for (const row of alignLeaves(columns)) {
      const goal = name === 'metrics' ? goalOf(sources, row.leaf.name) : undefined
      const field = compareField(row, present, goal)
      if (!field.differs) same++
      if (field.differs || options.all) fields.push(await withTexts(field))
    }
    sections.push({ name, present, fields, same })
  }
  return sections
}

/** A field with its value in each run. */
interface Row {
  readonly leaf: Leaf
  readonly values: readonly (Json | undefined)[]
}

/** Puts the values of one field together, in the order in which fields first occur. */
function alignLeaves(columns: readonly (readonly Leaf[] | undefined)[]): readonly Row[] {
  const rows = new Map<string, { leaf: Leaf; values: (Json | undefined)[] }>()
  for (const [index, leaves] of columns.entries()) {
    for (const leaf of leaves ?? []) {
      const key = JSON.stringify(leaf.path)
      const row = rows.get(key) ?? { leaf, values: columns.map(() => undefined) }
      row.values[index] = leaf.value
      rows.set(key, row)
    }
  }
  return [...rows.values()]
}

function compareField(
  { leaf, values }: Row,
  present: readonly boolean[],
  goal: Goal | undefined
): ComparedField {
  const known = values.filter((_, index) => present[index])
  const changes = values.map((value, index): ValueChange => {
    if (index === 0) return 'same'
    if (!present[0] || !present[index]) return 'unknown'
    return changeOf(values[0], value, goal)
  })
  return {
    name: leaf.name,
    path: leaf.path,
    differs: known.some((value) => !equalJson(value, known[0])),
    values,
    changes,
    ...(goal === undefined ? {} : { goal })
  }
}

function changeOf(
  before: Json | undefined,
  after: Json | undefined,
  goal: Goal | undefined
): ValueChange {
  if (equalJson(before, after)) return 'same'
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  return verdictOf(before, after, goal) ?? 'changed'
}

/** Tells whether the second of two values that differ is better; `undefined` where that has no meaning. */
export function verdictOf(
  before: Json | undefined,
  after: Json | undefined,
  goal: Goal | undefined
): 'better' | 'worse' | undefined {
  if (goal === undefined || typeof before !== 'number' || typeof after !== 'number')
    return undefined
  if (Number.isNaN(before) || Number.isNaN(after) || before === after) return undefined
  return after > before === (goal === 'maximize') ? 'better' : 'worse'
}

/** Returns the goal of a metric; `undefined` if no experiment declares one, or they declare both. */
export function goalOf(
  sources: readonly Pick<ComparedSource, 'metrics'>[],
  metric: string
): Goal | undefined {
  const goals = new Set<Goal | undefined>(
    sources.map(({ metrics }) =>
      Object.hasOwn(metrics, metric) ? metrics[metric]?.goal : undefined
    )
  )
  goals.delete(undefined)
  return goals.size === 1 ? [...goals][0] : undefined
}

async function withTexts(field: ComparedField): Promise<ComparedField> {
  const [first, ...others] = field.values
  if (typeof first !== 'string' || !field.differs) return field
  const texts: (readonly DiffHunk[] | undefined)[] = [undefined]
  for (const other of others) {
    const isWorthwhile =
      typeof other === 'string' && other !== first && (isLong(first) || isLong(other))
    texts.push(isWorthwhile ? await diffTexts(first, other) : undefined)
  }
  return texts.some((hunks) => hunks !== undefined) ? { ...field, texts } : field
}

/** Tells whether a text is better shown on lines of its own. */
function isLong(text: string): boolean {
  return text.length > LONG_TEXT_CHARS || text.trimEnd().includes('\n')
}
