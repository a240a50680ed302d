/** Who made something and when. */
export interface Identity {
  readonly name: string
  readonly email: string
  /** Seconds since 1970, UTC. */
  readonly epochSeconds: number
  /** The clock's distance from UTC where it was made, such as `+0100`. */
  readonly offset: string
}

/** Characters that git strips from both ends of a name or an address. */
const CRUD = /^[\0- .,:;<>"\\']+|[\0- .,:;<>"\\']+$/g

/**
 * Formats an identity as commits and tags bear it.
 *
 * Name and address lose what git takes from them: angle brackets and line breaks anywhere, spaces
 * and punctuation at the ends. A name of which nothing is left becomes `unknown`, because
 * `git fsck` refuses an empty one.
 */
export function formatIdentity(identity: Identity): string {
  const name = cleanIdentityPart(identity.name) || 'unknown'
  const email = cleanIdentityPart(identity.email)
  if (!Number.isSafeInteger(identity.epochSeconds) || identity.epochSeconds < 0) {
    throw new TypeError(`epochSeconds must be a whole number from 0, not ${identity.epochSeconds}`)
  }
  if (!/^[+-]\d{4}$/.test(identity.offset)) {
    throw new TypeError(`offset must be like +0100, not ${identity.offset}`)
  }
  return `${name} <${email}> ${identity.epochSeconds} ${identity.offset}`
}

/** Removes from a name or an address what cannot stand in a commit. */
export function cleanIdentityPart(text: string): string {
  return text.replace(CRUD, '').replace(/[\n<>\0]/g, '')
}

/** Parses an identity, as leniently as git: what cannot be read is empty, or the time 0. */
export function parseIdentity(text: string): Identity {
  const open = text.indexOf('<')
  const close = text.lastIndexOf('>')
  if (open < 0 || close < open) {
    return { name: text.trim(), email: '', epochSeconds: 0, offset: '+0000' }
  }
  const [time, offset] = text
    .slice(close + 1)
    .trim()
    .split(' ')
  const epochSeconds = Number(time)
  return {
    name: text.slice(0, open).trim(),
    email: text.slice(open + 1, close),
    epochSeconds: time && Number.isSafeInteger(epochSeconds) ? epochSeconds : 0,
    offset: offset !== undefined && /^[+-]\d{4}$/.test(offset) ? offset : '+0000'
  }
}
