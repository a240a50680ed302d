import type { FieldsAnswer } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { formatFilterValue } from './completion.ts'

/** So many runs are looked at for values of a field. */
const SAMPLED = 300
const OFFERED = 50

/** Lists values that a field has, as they are written in filters. */
export async function filterValues(
  source: Source,
  address: string,
  fields: FieldsAnswer,
  field: string
): Promise<readonly string[]> {
  const listed = field === 'tag' ? fields.values.tags : fields.values[field]
  if (listed !== undefined) return listed.flatMap((value) => formatFilterValue(value) ?? [])
  const type = fields.known.find(({ name }) => name === field)?.type
  if (type === 'time') return ['now - 1h', 'now - 1d', 'now - 7d', 'now - 30d']
  if (field === 'duration') return ['1m', '10m', '1h', '1d']
  try {
    const { rows } = await source.find({ address, columns: [field], limit: SAMPLED })
    const values = new Set(
      rows.flatMap(({ values: [value] }) =>
        value === null ? [] : (formatFilterValue(value) ?? [])
      )
    )
    return [...values].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1)).slice(0, OFFERED)
  } catch {
    return []
  }
}
