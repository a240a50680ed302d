/** What stands for a secret. */
export const REDACTED = '***'

const SECRET_WORD =
  /^(.*(token|secrets?|password|passwd|passphrase|credentials?)|(api|access|secret|private|auth|ssh|license)?keys?|auth|authorization|bearer|jwt)$/

/** Tells whether a flag, variable or field of this name is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return (
    words.some((word) => SECRET_WORD.test(word)) || /\b(api|access) ?tokens\b/.test(words.join(' '))
  )
}

/** Tokens that tell what they are by their form: of GitHub, GitLab, OpenAI, Hugging Face, AWS, Slack. */
const KNOWN_TOKEN =
  /\b(gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{10,}|sk-[\w-]{20,}|hf_\w{20,}|AKIA[0-9A-Z]{16}|xox[abp]-[\w-]{10,})/g

/** Replaces credentials in addresses, and tokens that are known by their form, anywhere in a text. */
export function redactText(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)([^\s/@'"]+(?:@[^\s/@'"]+)*)@/gi, (_, scheme, user) =>
      /^ssh|\+ssh/i.test(scheme) && !user.includes(':')
        ? `${scheme}${user}@`
        : `${scheme}${REDACTED}@`
    )
    .replace(/([?&;])([\w.-]+)=([^&\s;#'"]+)/g, (whole, mark, name) =>
      isSecretName(name) ? `${mark}${name}=${REDACTED}` : whole
    )
    .replace(KNOWN_TOKEN, REDACTED)
}

/** Returns an address without user, password, query and fragment; an ssh user stays, its password does not. */
export function withoutCredentials(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/]*)@)?([^?#]*)/i.exec(url)
  if (!match) return url
  const [, scheme = '', user, rest = ''] = match
  const keep = user !== undefined && /ssh/i.test(scheme)
  return `${scheme}${keep ? `${user.split(':')[0]}@` : ''}${rest}`
}

/**
 * Replaces the values of secrets in a command line with `***`.
 *
 * Recognised are `--token x`, `--token=x`, `TOKEN=x`, `a.token=x`, `Authorization: x`, the same inside
 * an argument of several words or of JSON, credentials in addresses, and tokens known by their form.
 * `--max-tokens` and `--tokenizer` are no secrets.
 */
export function redactCommand(command: readonly string[]): string[] {
  let flagOfSecret = false
  return command.map((argument) => {
    const follows = flagOfSecret
    flagOfSecret = isFlagOfSecret(argument)
    if (follows && !argument.startsWith('--')) return REDACTED
    return redactArgument(argument)
  })
}

/** Returns a variable's value as it may be stored. */
export function redactVariable(name: string, value: string): string {
  return isSecretName(name) ? REDACTED : redactText(value)
}

function isFlagOfSecret(argument: string): boolean {
  return /^--?[\w.-]+$/.test(argument) && isSecretName(argument)
}

function redactArgument(argument: string): string {
  const header = /^([\w-]+):\s+\S/.exec(argument)
  if (header && isSecretName(header[1] as string)) return `${header[1]}: ${REDACTED}`
  if (!/\s|^[{[]/.test(argument)) {
    const assignment = /^([-+]{0,2}[\w.:/-]+)=(.+)$/s.exec(argument)
    if (assignment && isSecretName(assignment[1] as string)) return `${assignment[1]}=${REDACTED}`
    return redactText(argument)
  }
  return redactText(redactWords(argument))
}

const VALUE = `"(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s;&|'",}\\]]+`
const ASSIGNED = new RegExp(`([\\w.-]+)=(${VALUE})`, 'g')
const FLAGGED = new RegExp(`(^|\\s)(--?[\\w.-]+)(\\s+)(?!--)(${VALUE})`, 'g')
const MEMBER = new RegExp(
  `(["']?)([\\w.-]+)\\1(\\s*:\\s*)(?:bearer\\s+|basic\\s+)?(${VALUE})`,
  'gi'
)

function redactWords(text: string): string {
  return text
    .replace(ASSIGNED, (whole, name) => (isSecretName(name) ? `${name}=${REDACTED}` : whole))
    .replace(FLAGGED, (whole, before, flag, space) =>
      isSecretName(flag) ? `${before}${flag}${space}${REDACTED}` : whole
    )
    .replace(MEMBER, (whole, quote, name, colon) =>
      isSecretName(name) ? `${quote}${name}${quote}${colon}${quote}${REDACTED}${quote}` : whole
    )
}
