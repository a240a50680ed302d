import type { SourceProblem } from '../source/answers.ts'
import type { CallProgress, SourceMethod } from '../source/source.ts'

/** Which remote a worker opens, and with what. */
export interface RemoteToOpen {
  /** An address over HTTP, without credentials. */
  readonly url: string
  readonly credential?: RemoteCredential
  /** Through which everything is asked. Default: nothing in between. */
  readonly proxy?: string
  /** Through whose API the repository is read. Default: by git's protocol, but for the hosts that are known. */
  readonly forge?: NamedForge
  /** Whose runs will be asked about first, so that they are got ready while the page is drawn. Default: nobody knows. */
  readonly first?: string
}

/** A forge that somebody named. */
export interface NamedForge {
  readonly kind: 'github' | 'gitlab'
  /** Default: where an installation on the repository's host has it. */
  readonly api?: string
}

/** Who asks a remote. */
export interface RemoteCredential {
  readonly username?: string
  readonly password?: string
}

/** What a page says to its worker. */
export type ToWorker =
  | { readonly id: number; readonly open: RemoteToOpen }
  | { readonly id: number; readonly method: SourceMethod; readonly request: object }
  | { readonly id: number; readonly stop: true }

/** What a worker says to its page. */
export type FromWorker =
  | { readonly id: number; readonly progress: CallProgress }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SourceProblem }
