/** Exit statuses of the program (docs/CLI.md, “Exit statuses”). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  conflict: 3,
  offline: 4,
  unauthorized: 5,
  interrupted: 130
} as const

/** What the program makes of an error. */
export interface Failure {
  readonly status: number
  readonly hint?: string
}
