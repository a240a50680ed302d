/** Goes on with a stream of which some was read. */
export async function* joinStreams(
  chunks: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>
): AsyncGenerator<Uint8Array> {
  yield* chunks
  yield* { [Symbol.asyncIterator]: () => rest }
}

/** Makes a stream of what is there. */
export async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

/** Passes a stream on and keeps what it brought. */
export async function* recordInto(
  source: AsyncIterable<Uint8Array>,
  chunks: Uint8Array[]
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    chunks.push(chunk)
    yield chunk
  }
}
