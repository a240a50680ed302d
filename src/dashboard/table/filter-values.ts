import type { FieldsAnswer } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { formatFilterValue } from './completion.ts'

/** So many runs are looked at for values of a field. */
const SAMPLED = 300
const OFFERED = 50
/** So many values of a field that mostly has few. */
const OFFERED_OF_ALL = 100

const STATUSES = ['running', 'finished', 'failed', 'interrupted']

/** Lists values that a field has, as they are written in filters. */
export async function filterValues(
  source: Source,
  address: string,
  fields: FieldsAnswer,
  field: string
): Promise<readonly string[]> {
  if (field === 'status') return STATUSES
  const type = fields.known.find(({ name }) => name === field)?.type
  if (type === 'time') return ['now - 1h', 'now - 1d', 'now - 7d', 'now - 30d']
  if (field === 'duration') return ['1m', '10m', '1h', '1d']
  try {
    if (field === 'experiment') return await groupedValues(source, address, field)
    if (field === 'tags' || field === 'tag') return await groupedValues(source, address, 'tags')
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

/** Lists the values that a field has in any run; those of lists one by one. */
async function groupedValues(
  source: Source,
  address: string,
  field: string
): Promise<readonly string[]> {
  const { groups } = await source.group({ address, by: [field] })
  const values = groups.flatMap(({ key: [value] }) => (Array.isArray(value) ? value : [value]))
  const texts = values.filter((value): value is string => typeof value === 'string')
  const listed = [...new Set(texts)].sort().slice(0, OFFERED_OF_ALL)
  return listed.flatMap((value) => formatFilterValue(value) ?? [])
}
