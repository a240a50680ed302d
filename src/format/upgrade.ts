import type { JsonObject } from '../base/json.ts'
import { type Kind, SCHEMA_VERSIONS } from '../model/kinds.ts'

/** Makes a record of the next version out of one of a version. */
type Upgrade = (record: JsonObject) => JsonObject

/** The upgrades of each kind, by the version from which they lead to the next. */
const UPGRADES: { readonly [K in Kind]?: { readonly [from: number]: Upgrade } } = {
  run: { 0: upgradeRun0 }
}

/** Returns a record in the newest version; `undefined` if nothing leads there from its version. */
export function upgradeRecord(
  kind: Kind,
  record: JsonObject,
  version: number
): JsonObject | undefined {
  let upgraded = record
  for (let from = version; from < SCHEMA_VERSIONS[kind]; from++) {
    const upgrade = UPGRADES[kind]?.[from]
    if (upgrade === undefined) return undefined
    upgraded = { ...upgrade(upgraded), schema: `${kind}/${from + 1}` }
  }
  return upgraded
}

/** Upgrades a run of the pre-release: `state` became `status`, `config` `params`; attempts are new. */
function upgradeRun0({ state, config, ...rest }: JsonObject): JsonObject {
  const status = state === 'done' ? 'finished' : state
  return {
    ...rest,
    ...(status !== undefined && { status }),
    ...(config !== undefined && { params: config }),
    ...(typeof rest.created === 'string' && { attempt: rest.created })
  }
}
