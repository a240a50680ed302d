import type { JsonObject } from '../base/json.ts'
import { jsonPage } from './print.ts'

/** An object with lists of those below it, which are made one after another. */
export interface JsonNode {
  readonly flat: JsonObject
  readonly below?: { readonly [name: string]: AsyncIterable<JsonNode> }
}

/** Formats a node as `printJson` formats a value, with lists member by member. */
export async function* formatNode(
  { flat, below }: JsonNode,
  indent: string
): AsyncGenerator<string> {
  const { below: _, ...own } = flat
  const text = jsonPage(below === undefined ? flat : own).replaceAll('\n', `\n${indent}`)
  if (below === undefined) return yield text
  yield text.slice(0, text.lastIndexOf('\n'))
  yield `,\n${indent}  "below": {`
  let isFirst = true
  for (const [name, nodes] of Object.entries(below)) {
    yield `${isFirst ? '' : ','}\n${indent}    "${name}": [`
    isFirst = false
    let count = 0
    for await (const node of nodes) {
      yield `${count++ === 0 ? '' : ','}\n${indent}      `
      yield* formatNode(node, `${indent}      `)
    }
    yield count === 0 ? ']' : `\n${indent}    ]`
  }
  yield `\n${indent}  }\n${indent}}`
}

/** Maps items one after another. */
export async function* mapped<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  map: (item: T) => Promise<R>
): AsyncGenerator<R> {
  for await (const item of items) yield await map(item)
}
