export type { SeriesArrays } from '../format/series-column.ts'
export { OVERVIEW_POINTS } from '../format/series-overview.ts'
export { thinSeries } from '../format/thin-series.ts'
