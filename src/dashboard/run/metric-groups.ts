const ROLE =
  /(^|[/_.\s-])(training|train|testing|test|validation|valid|val|eval|dev)(?=$|[/_.\s-])/i
const TRAINING = /^train/i

/** Where a metric is drawn. */
export interface MetricPlace {
  /** The chart's title. */
  readonly chart: string
  /** What the metric is called in it: `train`, or nothing if it is alone. */
  readonly role: string
  /** Whether it was measured on training data. */
  readonly isTraining: boolean
}

/**
 * Tells in which chart a metric is drawn: `train/loss` and `val/loss` share one, because they are of use
 * together.
 */
export function placeOfMetric(metric: string): MetricPlace {
  const match = ROLE.exec(metric)
  if (match === null) return { chart: metric, role: '', isTraining: false }
  const [all, before = '', role = ''] = match
  const rest = `${metric.slice(0, match.index)}${before}${metric.slice(match.index + all.length)}`
  const chart = rest.replace(/([/_.\s-])[/_.\s-]+/g, '$1').replace(/^[/_.\s-]+|[/_.\s-]+$/g, '')
  return chart === ''
    ? { chart: metric, role: '', isTraining: false }
    : { chart, role: role.toLowerCase(), isTraining: TRAINING.test(role) }
}
