import type { ReachedObject } from './object-walk.ts'
import type { ObjectType, Oid } from './objects.ts'

const TYPES: readonly ObjectType[] = ['commit', 'tag', 'tree', 'blob']

/**
 * The objects of a pack to be built, each with a number; an object costs some hundred bytes.
 *
 * They are added from the oldest to the newest, as a walk comes upon them.
 */
export class RepackPlan {
  readonly #numbers = new Map<Oid, number>()
  readonly #oids: Oid[] = []
  readonly #types: number[] = []
  readonly #names: number[] = []
  /** What came to lie in the place of an object after it; -1 if nothing did. */
  readonly #successors: number[] = []

  get count(): number {
    return this.#oids.length
  }

  has(oid: Oid): boolean {
    return this.#numbers.has(oid)
  }

  oidOf(number: number): Oid {
    return this.#oids[number] as Oid
  }

  typeOf(number: number): ObjectType {
    return TYPES[this.#types[number] as number] as ObjectType
  }

  /** Returns the number of what an object was replaced by; `undefined` if it never was. */
  successorOf(number: number): number | undefined {
    const successor = this.#successors[number] as number
    return successor < 0 ? undefined : successor
  }

  add({ oid, type, basisOid, name = '' }: ReachedObject): void {
    const number = this.count
    this.#numbers.set(oid, number)
    this.#oids.push(oid)
    this.#types.push(TYPES.indexOf(type))
    this.#names.push(type === 'blob' ? hashName(name) : 0)
    this.#successors.push(-1)
    const basis = basisOid === undefined ? undefined : this.#numbers.get(basisOid)
    if (basis !== undefined) this.#successors[basis] = number
  }

  /**
   * Returns the numbers in the order of the pack: commits, tags, trees, files by their names, and the
   * newest first, since what is newest is read most and a base must come before what builds on it.
   */
  order(): Uint32Array {
    const order = Uint32Array.from({ length: this.count }, (_, number) => number)
    return order.sort(
      (a, b) =>
        (this.#types[a] as number) - (this.#types[b] as number) ||
        (this.#names[a] as number) - (this.#names[b] as number) ||
        b - a
    )
  }
}

function hashName(name: string): number {
  let hash = 0
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0
  return hash >>> 0
}
