import type { Json, JsonObject } from '../../base/json.ts'
import type { FilterInput } from '../../service/query.ts'

/** Which runs of a table are wanted. */
export interface FindRequest {
  /** A project, an experiment, or a run (itself). Default: all projects. */
  readonly address?: string
  /** Text in the language of docs/QUERY.md, or its data. Default: all. */
  readonly filter?: FilterInput
  /** Fields, `-` in front for greatest first. Default: the latest start first. */
  readonly sort?: readonly string[]
  /** Default: 0. */
  readonly offset?: number
  /** Default: 200; at most 5,000. */
  readonly limit?: number
  /** Fields whose values are wanted: `params.lr`, `metrics.loss`. Default: none. */
  readonly columns?: readonly string[]
}

/** How runs are grouped. */
export interface GroupRequest {
  /** Default: all projects. */
  readonly address?: string
  /** Default: all. */
  readonly filter?: FilterInput
  /** Fields in which the runs of a group agree. */
  readonly by: readonly string[]
  /** Fields whose numbers are summed up. Default: none. */
  readonly aggregate?: readonly string[]
}

/** Which part of what was done in a project is wanted. */
export interface ActivityRequest {
  /** The project. */
  readonly address: string
  /** `next` of the page before. Default: the newest. */
  readonly from?: string
  /** Default: 50; at most 1,000. */
  readonly limit?: number
}

/** Which commits of an object are wanted. */
export interface HistoryRequest {
  readonly address: string
  /** How many of the newest are left out. Default: 0. */
  readonly skip?: number
  /** Default: 100; at most 5,000. */
  readonly limit?: number
}

/** Which run is wanted. */
export interface RunRequest {
  readonly address: string
  /** Whether its parent, its children and the run before it are told, which takes looking at all runs. Default: true. */
  readonly family?: boolean
}

/** Which points a chart wants. */
export interface SeriesRequest {
  readonly runs: readonly string[]
  /** Default: all that the runs have. */
  readonly metrics?: readonly string[]
  /** A series of more points is thinned to the least and greatest of each part of the axis. Default: 2000. */
  readonly maxPoints?: number
  /** What the parts are parts of. Default: `step`. */
  readonly axis?: 'step' | 'time'
  /** Only this part of the axis, in its unit. Default: all. */
  readonly from?: number
  readonly to?: number
}

/** Which rows of a result are wanted. */
export interface RowsRequest {
  readonly address: string
  readonly result: string
  /** Default: 0. */
  readonly offset?: number
  /** Default: 200; at most 5,000. */
  readonly limit?: number
  /** Only rows in which some value holds this text, whatever its case. Default: all. */
  readonly search?: string
  /** Only rows whose columns equal these values. Default: all. */
  readonly filter?: JsonObject
  /** A column, `-` in front for greatest first. Default: the order in which they were logged. */
  readonly sort?: string
}

/** What is set beside each other. */
export interface CompareRequest {
  readonly runs: readonly string[]
}

/** Which rows are joined. */
export interface CompareRowsRequest {
  /** The run that is compared with. */
  readonly base: string
  readonly other: string
  readonly result: string
  /** The column to join by. Default: the key that the result declares. */
  readonly key?: string
  /** The column whose values tell better from worse. Default: the one that the rows suggest. */
  readonly column?: string
  /** Which rows. Default: `different`, all but those that are the same. */
  readonly show?:
    | 'different'
    | 'changed'
    | 'improved'
    | 'worsened'
    | 'added'
    | 'removed'
    | 'same'
    | 'all'
  /** Default: 0. */
  readonly offset?: number
  /** Default: 200; at most 5,000. */
  readonly limit?: number
}

/** What of an object changes; fields that are not named stay, `null` removes. */
export interface EditRequest {
  readonly address: string
  readonly name?: string | null
  readonly notes?: string | null
  readonly addTags?: readonly string[]
  readonly removeTags?: readonly string[]
}

/** How a contested field is decided. */
export interface SettleRequest {
  readonly address: string
  readonly fieldPath: string
  /** One of the values, or another. */
  readonly value: Json
}

/** With whom is exchanged. */
export interface SyncRequest {
  /** The project. */
  readonly address: string
  /** The remote's name. Default: the only one, else `origin`. */
  readonly remote?: string
}

/** A view to be saved. */
export interface ViewRequest {
  /** The project. */
  readonly address: string
  readonly name: string
  /** What the view shows and how; docs/FORMAT.md, “view”. */
  readonly state: JsonObject
}
