/** Metrics that are logged at one step. */
export interface StepOfMetrics {
  readonly step: number
  readonly metrics: readonly string[]
}

/** Gives each metric its next step, for values that come without one. */
export class StepCounter {
  /** Numbers of values by split, then by metric. */
  readonly #counts = new Map<string | undefined, Map<string, number>>()
  readonly #first: { readonly [metric: string]: number }

  /** `first` are the steps at which metrics go on that an earlier process logged. */
  constructor(first: { readonly [metric: string]: number } = {}) {
    this.#first = first
  }

  /** Counts values and returns their steps; metrics with the same step stay together. */
  next(
    metrics: readonly string[],
    split: string | undefined,
    given: number | undefined
  ): readonly StepOfMetrics[] {
    let counts = this.#counts.get(split)
    if (counts === undefined) {
      counts = new Map()
      this.#counts.set(split, counts)
    }
    let common: number | undefined
    let isCommon = true
    const steps: number[] = []
    for (const metric of metrics) {
      const step = counts.get(metric) ?? this.#firstOf(metric)
      counts.set(metric, step + 1)
      if (given !== undefined) continue
      common ??= step
      isCommon &&= step === common
      steps.push(step)
    }
    const step = given ?? common
    if (step === undefined) return []
    return isCommon ? [{ step, metrics }] : groupBySteps(metrics, steps)
  }

  #firstOf(metric: string): number {
    return Object.hasOwn(this.#first, metric) ? (this.#first[metric] as number) : 0
  }
}

function groupBySteps(
  metrics: readonly string[],
  steps: readonly number[]
): readonly StepOfMetrics[] {
  return [...new Set(steps)].map((step) => ({
    step,
    metrics: metrics.filter((_, index) => steps[index] === step)
  }))
}
