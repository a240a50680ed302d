/** The pages, each of which answers some questions. */
export const PAGE_NAMES = ['projects', 'project', 'runs', 'run', 'compare', 'sync'] as const
export type PageName = (typeof PAGE_NAMES)[number]

/** What is shown: the whole state that the address bar holds, behind its `#`. */
export interface Route {
  /** `unknown` if there is no such page; `params.path` is then what was asked for. */
  readonly page: PageName | 'unknown'
  /** Of what: empty, or `project`, `project/experiment`, `project/experiment/run`. */
  readonly address: string
  /** What the page remembers, such as `filter` and `sort`; never empty texts. */
  readonly params: { readonly [name: string]: string }
}

/** A route with what can be left away. */
export interface RouteInput {
  readonly page: Route['page']
  readonly address?: string
  readonly params?: { readonly [name: string]: string | undefined }
}

/** The page of an address alone, by how many parts it has. */
const PAGES_BY_DEPTH: readonly PageName[] = ['projects', 'project', 'runs', 'run']

/**
 * Reads what stands behind `#`: `/runs/iris/svc?filter=…`, or an address as it is written everywhere
 * (`iris/svc/k3f9q2xab7mt`).
 */
export function parseRoute(hash: string): Route {
  const text = hash.startsWith('#') ? hash.slice(1) : hash
  const cut = text.indexOf('?')
  const path = cut < 0 ? text : text.slice(0, cut)
  const names = path.split('/').filter((name) => name !== '')
  const params = cut < 0 ? {} : readParams(text.slice(cut + 1))
  const parts = names.map(decode)
  if (!path.startsWith('/')) {
    return {
      page: PAGES_BY_DEPTH[Math.min(parts.length, 3)] as PageName,
      address: parts.join('/'),
      params
    }
  }
  if (parts.length === 0) return { page: 'projects', address: '', params }
  const page = PAGE_NAMES.find((name) => name === parts[0])
  return page === undefined
    ? { page: 'unknown', address: '', params: { path: parts.join('/') } }
    : { page, address: parts.slice(1).join('/'), params }
}

/** Returns what stands behind the `#` of a route, `#` included. */
export function formatRoute({ page, address = '', params = {} }: RouteInput): string {
  if (page === 'projects') return '#/'
  const path = address.split('/').filter((name) => name !== '')
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') search.set(name, value)
  }
  const query = search.toString()
  return `#/${[page, ...path].map(encode).join('/')}${query === '' ? '' : `?${query}`}`
}

/** Returns a route with some parameters changed; an empty or absent value ends one. */
export function withParams(
  route: Route,
  changes: { readonly [name: string]: string | undefined }
): Route {
  const params = Object.entries({ ...route.params, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''
  )
  return { ...route, params: Object.fromEntries(params) }
}

/** Returns the parts of an address: project, experiment, run. */
export function partsOfAddress(address: string): {
  readonly project: string | undefined
  readonly experiment: string | undefined
  readonly run: string | undefined
} {
  const [project, experiment, run] = address.split('/').filter((name) => name !== '')
  return { project, experiment, run }
}

function readParams(text: string): { readonly [name: string]: string } {
  const entries = [...new URLSearchParams(text)].filter(([, value]) => value !== '')
  return Object.fromEntries(entries)
}

function encode(name: string): string {
  return encodeURIComponent(name).replaceAll('%40', '@')
}

/** Decodes a part of an address; one that isn't encoded rightly is taken as it is. */
function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
