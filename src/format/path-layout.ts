import type { KeyOf, Kind, ObjectKey } from '../model/kinds.ts'
import { encodeName, encodePath } from './name-encoding.ts'

/** The branch of project, datasets and views. */
export const MAIN_REF = 'refs/heads/main'

/** What experiments' branches begin with. */
export const EXPERIMENT_REF_PREFIX = 'refs/heads/experiments/'

/** What the path of an artifact's reference ends with. */
export const REFERENCE_SUFFIX = '.ref.yaml'

/** Returns the branch of an experiment. */
export function experimentRef(experiment: string): string {
  return EXPERIMENT_REF_PREFIX + experiment
}

/** Returns the experiment of a branch; `undefined` for another ref. */
export function experimentOfRef(ref: string): string | undefined {
  return ref.startsWith(EXPERIMENT_REF_PREFIX) ? ref.slice(EXPERIMENT_REF_PREFIX.length) : undefined
}

/** Returns the branch on which an object lies. */
export function branchOf(key: ObjectKey): string {
  return 'experiment' in key ? experimentRef(key.experiment) : MAIN_REF
}

/** Returns the path of an object's YAML record. */
export function pathOf(key: ObjectKey): string {
  switch (key.kind) {
    case 'project':
      return 'project.yaml'
    case 'dataset':
      return `datasets/${key.dataset}/dataset.yaml`
    case 'experiment':
      return `experiments/${key.experiment}/experiment.yaml`
    case 'execution':
      return `${folderOf(key)}/execution.yaml`
    case 'run':
      return `${folderOf(key)}/run.yaml`
    case 'result':
      return `${folderOf(key)}/result.yaml`
    case 'artifact':
      return folderOf(key) + REFERENCE_SUFFIX
    default:
      return folderOf(key)
  }
}

/**
 * Returns the folder or file that holds all of an object, and that goes when it is deleted.
 *
 * `''` for the project. Of an artifact it is the content's path; its reference lies at `pathOf(key)`.
 */
export function folderOf(key: ObjectKey): string {
  switch (key.kind) {
    case 'project':
      return ''
    case 'dataset':
      return `datasets/${key.dataset}`
    case 'view':
      return `views/${key.view}.yaml`
    case 'experiment':
      return `experiments/${key.experiment}`
    case 'purged':
      return `experiments/${key.experiment}/purged.yaml`
    case 'execution':
      return `experiments/${key.experiment}/executions/${key.execution.slice(0, 2)}/${key.execution}`
    case 'run':
    case 'environment': {
      const run = `experiments/${key.experiment}/runs/${key.run[0]}/${key.run[1]}/${key.run}`
      return key.kind === 'run' ? run : `${run}/environment.yaml`
    }
    case 'split':
    case 'computation':
      return `${runFolder(key)}/${key.kind}s/${encodeName(key.name)}.yaml`
    case 'metric':
      return `${runFolder(key)}/metrics/${encodePath(key.name)}.yaml`
    case 'result':
      return `${runFolder(key)}/results/${encodeName(key.name)}`
    case 'artifact':
      return artifactPath(key, key.name)
  }
}

/** Returns every path, of a file or folder, that goes when an object is deleted. */
export function removedPathsOf(key: ObjectKey): readonly string[] {
  return key.kind === 'artifact' ? [folderOf(key), pathOf(key)] : [folderOf(key)]
}

/** Returns the folder in which a parent's objects of a kind lie, each at any depth below it. */
export function listingFolderOf(kind: Kind, parent: ObjectKey): string {
  switch (kind) {
    case 'project':
      return ''
    case 'dataset':
    case 'view':
    case 'experiment':
      return `${kind}s`
    case 'purged':
      return folderOf(parent)
    case 'execution':
    case 'run':
      return `${folderOf(parent)}/${kind}s`
    case 'environment':
      return folderOf(parent)
    default:
      return `${folderOf(parent)}/${kind}s`
  }
}

/** What names a run; any key of something inside it does. */
export type RunPlace = Pick<KeyOf<'run'>, 'experiment' | 'run'>

/** Returns the path of a part of a run's series. */
export function seriesPath(run: RunPlace, writer: string, number: number): string {
  return `${runFolder(run)}/series/${partName(writer, number)}.tsv`
}

/** Returns the path of the overview of a run's series. */
export function overviewPath(run: RunPlace): string {
  return `${runFolder(run)}/overview.tsv`
}

/** Returns the path of a part of a result's rows. */
export function rowsPath(run: RunPlace, result: string, writer: string, number: number): string {
  return `${runFolder(run)}/results/${encodeName(result)}/${partName(writer, number)}.jsonl`
}

/** Returns the path of a part of a run's log. */
export function logPath(run: RunPlace, writer: string, number: number): string {
  return `${runFolder(run)}/log/${partName(writer, number)}.txt`
}

/** Returns the path of an artifact's content. */
export function artifactPath(run: RunPlace, path: string): string {
  return `${runFolder(run)}/artifacts/${encodePath(path)}`
}

/**
 * Returns the path of the patch that leads from a commit to an execution's code.
 *
 * `baseCommitOid` is the empty tree's id where there was no commit.
 */
export function patchPath(execution: KeyOf<'execution'>, baseCommitOid: string): string {
  return `${folderOf(execution)}/patches/${baseCommitOid}.diff`
}

function runFolder({ experiment, run }: RunPlace): string {
  return folderOf({ kind: 'run', experiment, run })
}

function partName(writer: string, number: number): string {
  return `${writer}-${String(number).padStart(4, '0')}`
}
