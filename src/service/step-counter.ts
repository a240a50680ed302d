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
    let steps: Map<number, string[]> | undefined
    let common: number | undefined
    for (const [index, metric] of metrics.entries()) {
      const step = counts.get(metric) ?? this.#firstOf(metric)
      counts.set(metric, step + 1)
      if (given !== undefined) continue
      if (index === 0) common = step
      else if (step !== common && steps === undefined) {
        steps = new Map([[common as number, metrics.slice(0, index)]])
      }
      if (steps !== undefined) steps.set(step, [...(steps.get(step) ?? []), metric])
    }
    const step = given ?? common
    if (step === undefined) return []
    if (steps === undefined) return [{ step, metrics }]
    return [...steps].map(([at, names]) => ({ step: at, metrics: names }))
  }

  #firstOf(metric: string): number {
    return Object.hasOwn(this.#first, metric) ? (this.#first[metric] as number) : 0
  }
}
