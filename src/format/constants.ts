import { MAIN_REF } from './path-layout.ts'

/** Git's empty tree. */
export const EMPTY_TREE_OID = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** Who makes commits that must be the same on every machine: the first one, and merges. */
export const FIXED_IDENTITY = { name: 'Runtree', email: 'runtree@runtree.invalid' } as const

/** The first commit of every project, without its object header (docs/FORMAT.md, “The first commit”). */
export const FIRST_COMMIT_TEXT = [
  `tree ${EMPTY_TREE_OID}`,
  `author ${FIXED_IDENTITY.name} <${FIXED_IDENTITY.email}> 0 +0000`,
  `committer ${FIXED_IDENTITY.name} <${FIXED_IDENTITY.email}> 0 +0000`,
  '',
  'runtree\n'
].join('\n')

/** The id of the first commit of every project. */
export const FIRST_COMMIT_OID = 'b459cfa3e237b5606c8e53d654fbd06f77178906'

/** The file of git attributes at the top of every branch. */
export const ATTRIBUTES_PATH = '.gitattributes'

/** Its content: no conversion of line ends (docs/FORMAT.md, “Attributes”). */
export const ATTRIBUTES_TEXT = '* -text\n'

/** What `HEAD` of a project's repository says. */
export const HEAD_REF = MAIN_REF
