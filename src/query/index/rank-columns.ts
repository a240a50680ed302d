import type { Json } from '../../base/json.ts'
import { type Ranks, rankValues } from '../ranks.ts'
import { CELL } from './cells.ts'
import type { RunColumn } from './column.ts'

/**
 * Puts the values of the first `count` rows in order; of each row counts that of the first column that has
 * one. It is `undefined` where moments and other values are mixed.
 */
export function rankColumns(columns: readonly RunColumn[], count: number): Ranks | undefined {
  const numbers = new Float64Array(count).fill(Number.NaN)
  const otherOf = new Uint32Array(count)
  const others: Json[] = []
  let kinds = 0
  for (const column of [...columns].reverse()) {
    const start = others.length
    const own = column.others
    for (const value of own) others.push(value)
    for (let row = 0; row < count; row++) {
      const kind = column.kindOf(row)
      if (kind === CELL.absent) continue
      const place = kind === CELL.other ? column.placeOf(row) : -1
      if (own[place] === null) continue
      kinds |= 1 << kind
      numbers[row] = column.numberOf(row)
      otherOf[row] = place < 0 ? 0 : start + place + 1
    }
  }
  if ((kinds & TIMES) === 0) return rankValues({ numbers, otherOf, others })
  if (kinds !== TIMES) return undefined
  return rankValues({ numbers, otherOf, others, valueFor: (ms) => new Date(ms).toISOString() })
}

const TIMES = 1 << CELL.time
