import { encodeUtf8 } from '../base/bytes.ts'
import { formatBase32 } from '../base/ids.ts'
import type { Hash } from '../base/platform.ts'
import { modelErrors } from './errors.ts'

/** Names that are folders or words of the address grammar, so no object's slug. */
export const RESERVED_SLUGS: readonly string[] = ['datasets', 'experiments', 'views']

/** Characters of the longest slug. */
export const SLUG_MAX_LENGTH = 63

const NAME_MAX_LENGTH = 1000
const DIGEST_LENGTH = 10
const SLUG = /^[a-z0-9](?:[a-z0-9_-]|\.(?!\.)){0,62}$/
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/

/** Latin letters that have no decomposition in Unicode. */
const FOLDED: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i'
}

/** Tells whether text is a slug; reserved names are slugs too. */
export function isSlug(text: string): boolean {
  return SLUG.test(text) && !text.endsWith('.') && !text.endsWith('.lock') && !DEVICE.test(text)
}

/**
 * Returns the slug of a name, which is the same on every machine (docs/FORMAT.md, “Slugs”).
 *
 * The slug of a slug is itself. Names that differ only in case, marks or separators share a slug.
 *
 * @throws MODEL_NAME if the name is empty, too long, no text, or its slug is reserved.
 */
export function slugOf(name: string, hash: Hash): string {
  checkName(name)
  const slug = foldName(name, hash)
  if (RESERVED_SLUGS.includes(slug)) {
    throw modelErrors.create('MODEL_NAME', { name, reason: `${slug} is reserved` })
  }
  return slug
}

function checkName(name: string): void {
  const reason =
    name.trim() === ''
      ? 'it is empty'
      : name.length > NAME_MAX_LENGTH
        ? `it is longer than ${NAME_MAX_LENGTH} characters`
        : /\p{Cc}/u.test(name)
          ? 'it holds control characters'
          : /\p{Cs}/u.test(name)
            ? 'it is no valid Unicode text'
            : undefined
  if (reason !== undefined) throw modelErrors.create('MODEL_NAME', { name, reason })
}

function foldName(name: string, hash: Hash): string {
  const letters = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþħı]/g, (letter) => FOLDED[letter] as string)
  const slug = letters
    .replace(/-*[^a-z0-9_.-][^a-z0-9_.]*/g, '/')
    .replace(/^[^a-z0-9]+|[/.]+$/g, '')
    .replaceAll('/', '-')
    .replace(/\.{2,}/g, '.')
    .replace(/\.lock$/, '-lock')
  if (slug === '') return `x-${digestOf(name, hash)}`
  const safe = DEVICE.test(slug) ? `x-${slug}` : slug
  if (safe.length <= SLUG_MAX_LENGTH) return safe
  return `${safe.slice(0, SLUG_MAX_LENGTH - DIGEST_LENGTH - 1)}-${digestOf(name, hash)}`
}

function digestOf(name: string, hash: Hash): string {
  return formatBase32(hash.sha256(encodeUtf8(name.normalize('NFC'))), DIGEST_LENGTH)
}
