/** A page can't run the git program; suites that would ask it do so only for what lies in folders. */
export function git(): never {
  throw new TypeError('there is no git program in a browser')
}
