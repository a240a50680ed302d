/** How an artifact is shown; `none` is only downloaded. */
export type PreviewKind = 'image' | 'markdown' | 'json' | 'table' | 'text' | 'none'

const PICTURES: { readonly [ending: string]: string } = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp'
}

const KINDS: { readonly [kind in 'markdown' | 'json' | 'table']: readonly string[] } = {
  markdown: ['md', 'markdown'],
  json: ['json', 'ipynb', 'geojson'],
  table: ['csv', 'tsv']
}

/** Returns the ending of a path, in small letters. */
function endingOf(path: string): string {
  return /\.([a-z\d]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
}

/** Returns how an artifact is shown, by its path and its bytes; never by what it says of itself. */
export function previewKind(path: string, bytes: Uint8Array): PreviewKind {
  const ending = endingOf(path)
  if (Object.hasOwn(PICTURES, ending)) return 'image'
  if (!isText(bytes)) return 'none'
  const found = Object.entries(KINDS).find(([, endings]) => endings.includes(ending))
  return (found?.[0] as PreviewKind | undefined) ?? 'text'
}

/** Returns the type of a picture, by its path. */
export function pictureType(path: string): string | undefined {
  const ending = endingOf(path)
  return Object.hasOwn(PICTURES, ending) ? PICTURES[ending] : undefined
}

function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 4096)
  if (head.includes(0)) return false
  try {
    // The last character may be cut in two.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}
