import createPurifier, { type Config } from 'dompurify'
import { marked } from 'marked'

/** What Markdown comes to; everything else is taken out. No ids, names, classes or styles. */
const POLICY: Config = {
  ALLOWED_TAGS: [
    ...['a', 'b', 'blockquote', 'br', 'code', 'dd', 'del', 'details', 'div', 'dl', 'dt', 'em'],
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'img', 'input', 'kbd', 'li', 'ol', 'p'],
    ...['pre', 's', 'span', 'strong', 'sub', 'summary', 'sup', 'table', 'tbody', 'td', 'tfoot'],
    ...['th', 'thead', 'tr', 'u', 'ul']
  ],
  ALLOWED_ATTR: [
    'align',
    'alt',
    'checked',
    'colspan',
    'href',
    'rowspan',
    'src',
    'start',
    'title',
    'type'
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true
}

const WEB = /^(?:https?|mailto):/i
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/i
/** A path of a file: no scheme, no host, no anchor. */
const PATH = /^(?![a-z][a-z\d+.-]*:|[/\\#?])/i

/**
 * Makes Markdown, anybody's, into elements that can do nothing.
 *
 * Links lead to other sites alone; pictures come from `data:` addresses, or from paths, which the
 * attribute `data-path` tells then. Headings are two levels lower, below that of the part that they are in.
 */
export function renderMarkdown(text: string): DocumentFragment {
  const html = marked.parse(text, { async: false, gfm: true })
  const fragment = createPurifier(window).sanitize(html, POLICY) as unknown as DocumentFragment
  for (const link of fragment.querySelectorAll('a')) hardenLink(link)
  for (const image of fragment.querySelectorAll('img')) hardenImage(image)
  for (const input of fragment.querySelectorAll('input')) {
    if (input.type !== 'checkbox') input.remove()
    input.disabled = true
    input.setAttribute('aria-label', input.checked ? 'done' : 'to do')
  }
  for (const heading of fragment.querySelectorAll('h1, h2, h3, h4, h5, h6')) demote(heading)
  for (const table of fragment.querySelectorAll('table')) table.className = 'plain-table'
  return fragment
}

function demote(heading: Element): void {
  const level = Math.min(6, Number(heading.tagName.slice(1)) + 2)
  const lower = document.createElement(`h${level}`)
  lower.append(...heading.childNodes)
  heading.replaceWith(lower)
}

function hardenLink(link: HTMLAnchorElement): void {
  if (!WEB.test(link.getAttribute('href') ?? '')) {
    link.removeAttribute('href')
    return
  }
  link.rel = 'noopener noreferrer nofollow'
  link.target = '_blank'
}

function hardenImage(image: HTMLImageElement): void {
  const source = image.getAttribute('src') ?? ''
  if (PICTURE.test(source)) return
  image.removeAttribute('src')
  if (source !== '' && PATH.test(source)) image.dataset.path = source.replace(/^\.\//, '')
  else image.replaceWith(image.alt === '' ? 'a picture from elsewhere' : image.alt)
}
