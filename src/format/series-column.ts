/** The points of one metric and split that count, in order. */
export interface SeriesColumns {
  readonly metric: string
  readonly split?: string
  /** NaN for points without a step, which come first. */
  readonly steps: Float64Array
  /** Milliseconds since 1970. */
  readonly times: Float64Array
  readonly values: Float64Array
}

/** Points of one series. */
export type SeriesArrays = Pick<SeriesColumns, 'steps' | 'times' | 'values'>

/** Takes the points of one metric and split as they are read, and puts them in order. */
export class Column {
  count = 0
  readonly #name: { readonly metric: string; readonly split: string | undefined }
  /** Points up to this time don't count. */
  readonly #after: number
  #steps = new Float64Array(256)
  #times = new Float64Array(256)
  #values = new Float64Array(256)
  #lastStep = Number.NEGATIVE_INFINITY
  #isOrdered = true

  constructor(
    name: { readonly metric: string; readonly split: string | undefined },
    after: number | undefined
  ) {
    this.#name = name
    this.#after = after ?? Number.NaN
  }

  /** Adds a point; its step is NaN if it has none. */
  add(step: number, time: number, value: number): void {
    if (time <= this.#after) return
    const at = this.count++
    if (at === this.#steps.length) this.#grow()
    this.#steps[at] = step
    this.#times[at] = time
    this.#values[at] = value
    if (!(step > this.#lastStep)) this.#isOrdered = false
    this.#lastStep = step
  }

  /** Returns the points in order of step and time; of several with one step the last. */
  finish(): SeriesColumns {
    const { metric, split } = this.#name
    const arrays = this.#isOrdered
      ? {
          steps: this.#steps.subarray(0, this.count),
          times: this.#times.subarray(0, this.count),
          values: this.#values.subarray(0, this.count)
        }
      : this.#sorted()
    return { metric, ...(split === undefined ? {} : { split }), ...arrays }
  }

  #sorted(): SeriesArrays {
    const [steps, times] = [this.#steps, this.#times]
    const order = Uint32Array.from({ length: this.count }, (_, index) => index).sort((a, b) => {
      const [stepA, stepB] = [placeOf(steps[a]), placeOf(steps[b])]
      if (stepA !== stepB) return stepA < stepB ? -1 : 1
      return (times[a] as number) - (times[b] as number) || a - b
    })
    const kept = order.filter((index, at) => {
      const next = order[at + 1]
      return next === undefined || steps[next] !== steps[index]
    })
    const pick = (numbers: Float64Array): Float64Array =>
      Float64Array.from(kept, (index) => numbers[index] as number)
    return { steps: pick(steps), times: pick(times), values: pick(this.#values) }
  }

  #grow(): void {
    const larger = (numbers: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(numbers.length * 2)
      grown.set(numbers)
      return grown
    }
    this.#steps = larger(this.#steps)
    this.#times = larger(this.#times)
    this.#values = larger(this.#values)
  }
}

/** Returns where a step stands among others: points without one come first. */
export function placeOf(step: number | undefined): number {
  return step === undefined || Number.isNaN(step) ? Number.NEGATIVE_INFINITY : step
}
