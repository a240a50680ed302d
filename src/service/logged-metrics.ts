import { type QuotedName, quoteName } from '../store/journal-points.ts'
import { checkMetric } from './run-input.ts'

/** A metric of a run, within a split or without, as it is logged. */
export interface LoggedMetric extends QuotedName {
  /** The step of the next value that comes without one: so many came before. */
  nextStep: number
}

/** Metrics that are logged at one step. */
export interface StepOfMetrics {
  readonly step: number
  readonly metrics: readonly LoggedMetric[]
}

/** The metrics of a run that have values within one split, or without any. */
export class LoggedMetrics {
  /** The split's name; absent for values without a split. */
  readonly split: QuotedName | undefined
  readonly #known = new Map<string, LoggedMetric>()
  readonly #first: { readonly [metric: string]: number }

  /** `first` are the steps at which metrics go on that an earlier process logged. */
  constructor(split: string | undefined, first: { readonly [metric: string]: number } = {}) {
    this.split = split === undefined ? undefined : quoteName(split)
    this.#first = first
  }

  /** Finds a metric. @throws TypeError, MODEL_INVALID if it can be none. */
  find(name: string): LoggedMetric {
    let metric = this.#known.get(name)
    if (metric === undefined) {
      checkMetric(name)
      const nextStep = Object.hasOwn(this.#first, name) ? (this.#first[name] as number) : 0
      metric = { ...quoteName(name), nextStep }
      this.#known.set(name, metric)
    }
    return metric
  }
}

/**
 * Counts a value of each metric and returns the step of all; if those differ, the metrics of each step.
 * A step that is `given` is the step of all.
 */
export function takeSteps(
  metrics: readonly LoggedMetric[],
  given: number | undefined
): number | readonly StepOfMetrics[] {
  const step = given ?? metrics[0]?.nextStep
  let isCommon = step !== undefined
  for (const metric of metrics) {
    isCommon &&= given !== undefined || metric.nextStep === step
    metric.nextStep++
  }
  return isCommon ? (step as number) : groupBySteps(metrics)
}

function groupBySteps(metrics: readonly LoggedMetric[]): readonly StepOfMetrics[] {
  const steps = new Set(metrics.map(({ nextStep }) => nextStep - 1))
  return [...steps].map((step) => ({
    step,
    metrics: metrics.filter(({ nextStep }) => nextStep - 1 === step)
  }))
}
