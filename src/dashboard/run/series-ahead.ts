import type { SeriesRequest } from '../source/requests.ts'
import type { SeriesAnswer } from '../source/run-answers.ts'
import type { CallOptions, Source } from '../source/source.ts'

interface Asked {
  readonly source: Source
  readonly request: string
  readonly answer: Promise<SeriesAnswer>
  /** Set by whoever takes the answer. */
  onProgress: CallOptions['onProgress']
}

let ahead: Asked | undefined

/** Asks for series that will be asked for soon; returns what gives that up. */
export function askSeriesAhead(source: Source, request: SeriesRequest): () => void {
  const controller = new AbortController()
  const onProgress: CallOptions['onProgress'] = (progress) => asked.onProgress?.(progress)
  const answer = source.series(request, { signal: controller.signal, onProgress })
  // Whoever takes it is told.
  answer.catch(() => undefined)
  const asked: Asked = {
    source,
    request: JSON.stringify(request),
    answer,
    onProgress: undefined
  }
  ahead = asked
  return () => {
    controller.abort()
    if (ahead === asked) ahead = undefined
  }
}

/** Asks for series, unless the same was just asked for ahead: then that answer is taken, once. */
export function askSeries(
  source: Source,
  request: SeriesRequest,
  call: CallOptions
): Promise<SeriesAnswer> {
  const asked = ahead
  ahead = undefined
  const isSame = asked?.source === source && asked.request === JSON.stringify(request)
  if (!isSame) return source.series(request, call)
  asked.onProgress = call.onProgress
  return asked.answer
}
