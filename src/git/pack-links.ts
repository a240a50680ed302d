import { gitErrors } from './errors.ts'
import { NameSet } from './name-set.ts'
import type { ObjectType, Oid } from './objects.ts'
import { PACKED_TYPES } from './pack-table.ts'

const [COMMIT, TREE, BLOB] = [1, 2, 3]
const TYPE_NUMBERS: Readonly<Record<string, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 }

/** What an object names that is to be there with it. */
export interface Link {
  readonly oid: Oid
  readonly type: ObjectType
}

/** The objects that the objects of a pack name, each once, whether they lie in it or not. */
export class PackLinks {
  readonly #names = new NameSet()
  #types = new Uint8Array(256)

  get count(): number {
    return this.#names.count
  }

  /** Returns where the name of a link lies, and of which type it must be. */
  at(number: number): { readonly bytes: Uint8Array; readonly at: number; readonly type: number } {
    return { ...this.#names.placeOf(number), type: this.#types[number] as number }
  }

  linkAt(number: number): Link {
    const type = PACKED_TYPES[this.#types[number] as number] as ObjectType
    return { oid: this.#names.oidAt(number), type }
  }

  /** Adds what an object names. @throws GIT_OBJECT_DAMAGED */
  collect(type: number, bytes: Uint8Array, nameOf: () => Oid): void {
    if (type === TREE) this.#collectTree(bytes, nameOf)
    else if (type !== BLOB) this.#collectLines(type, bytes, nameOf)
  }

  #collectTree(bytes: Uint8Array, nameOf: () => Oid): void {
    const { length } = bytes
    for (let at = 0; at < length; ) {
      // Octal: a folder begins with 4, a file or link with 10 or 12, a submodule with 16.
      const isTree = bytes[at] === 0x34
      const isElsewhere = bytes[at] === 0x31 && bytes[at + 1] === 0x36
      while (at < length && bytes[at] !== 0) at++
      if (at + 21 > length) throw damaged(nameOf, 'it is cut short')
      if (!isElsewhere) this.#add(bytes, at + 1, isTree ? TREE : BLOB, nameOf)
      at += 21
    }
  }

  /** A commit begins with its tree and parents, a tag with its object and that one's type. */
  #collectLines(type: number, bytes: Uint8Array, nameOf: () => Oid): void {
    const name = new Uint8Array(20)
    let at = 0
    const read = (word: string): boolean => {
      for (let i = 0; i < word.length; i++) {
        if (bytes[at + i] !== word.charCodeAt(i)) return false
      }
      const end = at + word.length + 40
      if (bytes[end] !== 0x0a) return false
      for (let i = 0; i < 20; i++) {
        const digits = at + word.length + i * 2
        const value = (digitOf(bytes[digits]) << 4) | digitOf(bytes[digits + 1])
        if (value < 0) return false
        name[i] = value
      }
      at = end + 1
      return true
    }
    if (type === COMMIT) {
      if (!read('tree ')) throw damaged(nameOf, 'it names no tree')
      this.#add(name, 0, TREE, nameOf)
      while (read('parent ')) this.#add(name, 0, COMMIT, nameOf)
      return
    }
    if (!read('object ')) throw damaged(nameOf, 'it names no object')
    const line = String.fromCharCode(...bytes.subarray(at, at + 12))
    const target = TYPE_NUMBERS[/^type (\w+)\n/.exec(line)?.[1] ?? '']
    if (target === undefined) throw damaged(nameOf, 'it does not say what it names')
    this.#add(name, 0, target, nameOf)
  }

  #add(bytes: Uint8Array, at: number, type: number, nameOf: () => Oid): void {
    const number = this.#names.add(bytes, at)
    if (number === this.#types.length) {
      const larger = new Uint8Array(this.#types.length * 2)
      larger.set(this.#types)
      this.#types = larger
    }
    const known = this.#types[number] as number
    if (known === 0) this.#types[number] = type
    else if (known !== type) throw damaged(nameOf, 'what it names is of another type elsewhere')
  }
}

function digitOf(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1
}

function damaged(nameOf: () => Oid, reason: string): Error {
  const data = { oid: nameOf(), where: 'a pack that is received', reason }
  return gitErrors.create('GIT_OBJECT_DAMAGED', data)
}
