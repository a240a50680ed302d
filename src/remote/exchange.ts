import type { FileSystem, Platform } from '../base/platform.ts'
import type { Oid } from '../git/objects.ts'
import type { ObjectListener } from '../git/pack-resolve.ts'
import type { Repository } from '../git/repository.ts'

/** The repository here, and what it lies on. */
export interface ExchangeContext {
  readonly fs: FileSystem
  readonly platform: Platform
  readonly repository: Repository
  /** Hears of each object that comes, before it is known whether all came. Default: nobody. */
  readonly onObject?: ObjectListener | undefined
  /** Objects that just came stay in memory for a while unless these are more bytes. Default: they stay. */
  readonly heldBytes?: number | undefined
  /** Returns what to wait for before more is brought. Default: nothing. */
  readonly drain?: (() => Promise<void> | undefined) | undefined
  /** Hears that all came that some objects lead to. Default: nobody. */
  readonly onReceived?: ((wants: readonly Oid[]) => void) | undefined
}

/** How far an exchange has come. */
export type ExchangeProgress =
  | { readonly kind: 'message'; readonly text: string }
  | {
      readonly kind: 'received'
      readonly bytes: number
      readonly objects: number
      /** How many objects there will be; `undefined` before that is known. */
      readonly total: number | undefined
    }
  | {
      readonly kind: 'sent'
      readonly bytes: number
      readonly objects: number
      readonly total: number
    }
