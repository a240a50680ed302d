import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { isOid, type Oid } from '../../git/objects.ts'

/** Reads what an API tells; each member must be what the API's documentation says that it is. */
export class Told {
  readonly #value: JsonObject
  readonly #refuse: (reason: string) => Error

  /** `refuse` makes the error for what is not as it must be. */
  constructor(value: Json | undefined, refuse: (reason: string) => Error) {
    if (!isJsonObject(value)) throw refuse('it is no object of JSON')
    this.#value = value
    this.#refuse = refuse
  }

  text(name: string): string {
    const value = this.#value[name]
    if (typeof value === 'string') return value
    throw this.#refuse(`it has no text ${name}`)
  }

  /** Returns a text, or `undefined` where there is none. */
  maybe(name: string): string | undefined {
    const value = this.#value[name]
    return typeof value === 'string' ? value : undefined
  }

  oid(name: string): Oid {
    const text = this.text(name)
    if (isOid(text)) return text
    throw this.#refuse(`its ${name} names no object`)
  }

  inner(name: string): Told {
    return new Told(this.#value[name], this.#refuse)
  }

  /** Returns an object inside, or `undefined` where there is none. */
  maybeInner(name: string): Told | undefined {
    return isJsonObject(this.#value[name]) ? this.inner(name) : undefined
  }

  list(name: string): readonly Json[] {
    const value = this.#value[name]
    if (Array.isArray(value)) return value as readonly Json[]
    throw this.#refuse(`it has no list ${name}`)
  }

  items(name: string): readonly Told[] {
    return this.list(name).map((item) => new Told(item, this.#refuse))
  }

  is(name: string): boolean {
    return this.#value[name] === true
  }
}
