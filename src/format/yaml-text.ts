/** Levels to which maps and lists may lie in each other. */
export const YAML_MAX_DEPTH = 64

/** Characters of the longest text that is read or written. */
export const YAML_MAX_LENGTH = 16_000_000

/** Bytes of UTF-8 that are more characters than that for sure. */
export const YAML_MAX_BYTES = 3 * YAML_MAX_LENGTH

/** Characters of the longest key as it is written; YAML ends an implicit key after 1,024. */
export const KEY_MAX_LENGTH = 1000

// Characters that stay as they are: printable, visible, no line break in YAML 1.1 or 1.2, no change
// of the text's direction. Ranges rather than Unicode properties, which differ between versions.
const VISIBLE =
  '\\u00a1-\\u00ac\\u00ae-\\u061b\\u061d-\\u180d\\u180f-\\u200a\\u2010-\\u2027\\u2030-\\u205f' +
  '\\u2070-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufff8\\ufffc-\\ufffd\\u{10000}-\\u{1fffd}' +
  '\\u{20000}-\\u{dffff}'
// What a text must not hold is looked for: to match the whole of a long one takes more stack than there is.
const NOT_PLAIN = new RegExp(
  `^$|^[^A-Za-z_/${VISIBLE}]|[^A-Za-z0-9_./+(),;=%@*&!?'"~^$<>|{}\\[\\]\\\\\`${VISIBLE} :-]|:(?:[ ,\\[\\]{}]|$)| $`,
  'u'
)
const MISREAD = /^(?:y|yes|n|no|on|off|true|false|null)$/i
const ESCAPES = /\\(?:["\\nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})/g
const NOT_IN_LINE = new RegExp(`[^\\t -~${VISIBLE}]`, 'u')

/** What stands in double quotes as an escape. */
export const ESCAPED = new RegExp(`[^ !#-\\[\\]-~${VISIBLE}]`, 'gu')
const NOT_QUOTABLE = new RegExp(ESCAPED.source, 'u')

/** Texts that were found plain: keys above all are the same in every record. */
const knownPlain = new Set<string>()
const KNOWN_TEXTS = 2048
const KNOWN_LENGTH = 40

/** Tells whether a text is the same when it is read as a plain scalar, by YAML 1.1 and 1.2. */
export function isPlain(text: string): boolean {
  if (knownPlain.has(text)) return true
  const isFound = !NOT_PLAIN.test(text) && !MISREAD.test(text)
  if (isFound && text.length <= KNOWN_LENGTH && knownPlain.size < KNOWN_TEXTS) knownPlain.add(text)
  return isFound
}

/** Tells whether a text is the same when it is read from a literal block. */
export function isLiteral(text: string): boolean {
  const [first = '', ...rest] = text.split('\n')
  if (first === '' || text.endsWith('\n\n')) return false
  if (/^[\t ]/.test(first) || NOT_IN_LINE.test(first)) return false
  return rest.every((line) => !NOT_IN_LINE.test(line) && (line === '' || /[^\t ]/.test(line)))
}

/** Tells whether a text may stand between double quotes as canonical YAML has it. */
export function isQuotable(text: string): boolean {
  return !NOT_QUOTABLE.test(text.includes('\\') ? text.replace(ESCAPES, '') : text)
}
