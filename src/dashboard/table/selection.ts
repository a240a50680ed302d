/** Stands for all runs that pass the filter. */
export const ALL = '*'

/** Which runs are selected: their ids, or all that pass. */
export interface Selection {
  readonly isAll: boolean
  readonly ids: ReadonlySet<string>
}

/** Reads a selection from what the address says. */
export function selectionOf(selected: readonly string[]): Selection {
  const isAll = selected.includes(ALL)
  return { isAll, ids: new Set(isAll ? [] : selected) }
}

/** Returns what the address says of a selection. */
export function selectedOf({ isAll, ids }: Selection): readonly string[] {
  return isAll ? [ALL] : [...ids]
}

/** Tells whether a run is selected. */
export function isSelected({ isAll, ids }: Selection, id: string): boolean {
  return isAll || ids.has(id)
}

/** How many of `total` runs are selected. */
export function countSelected({ isAll, ids }: Selection, total: number): number {
  return isAll ? total : ids.size
}

/**
 * Returns the selection with some runs turned on or off. Of all runs, those that are here stay selected when
 * one is taken out.
 */
export function select(
  selection: Selection,
  ids: readonly string[],
  isOn: boolean,
  here: readonly string[]
): Selection {
  const next = new Set(selection.isAll ? here : selection.ids)
  for (const id of ids) {
    if (isOn) next.add(id)
    else next.delete(id)
  }
  return selection.isAll && isOn ? selection : { isAll: false, ids: next }
}

export const NOTHING: Selection = { isAll: false, ids: new Set() }
export const EVERYTHING: Selection = { isAll: true, ids: new Set() }
