import { execFile } from 'node:child_process'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openWorkspace } from 'runtree'
import { describe, experiment, project, runStudy } from './study.js'

/** What a colleague adds to the study: it is in no grid. */
export const addition = { model: 'nearest-neighbours', k: 21, distance: 'manhattan' }

const remote = 'team'
const tag = 'best-so-far'

/**
 * Shares the study as two people would: one pushes it to a repository, another gets it from there in a
 * workspace that has never seen it and adds a run, while the first tags the best one; then both merge.
 *
 * @param {object} options
 * @param {string} options.workspace The folder of the workspace that has the study.
 * @param {string} options.folder Where the shared repository and the other workspace go.
 * @param {string} options.best The address of the run to be tagged.
 * @param {number} [options.seed] Default: 1.
 * @param {(line: string) => void} [options.onStep] Told what happened.
 * @returns {Promise<{ repository: string, theirs: string, added: string | undefined }>}
 */
export async function shareStudy({ workspace, folder, best, seed = 1, onStep = () => {} }) {
  const repository = await makeRepository(join(folder, `${project}.git`))
  const theirs = join(folder, 'colleague')
  await rm(theirs, { recursive: true, force: true })

  const mine = await openWorkspace({ folder: workspace, project })
  const remotes = await mine.remotes.list()
  if (!remotes.some(({ name }) => name === remote)) await mine.remotes.add(remote, repository)
  const pushed = await mine.push({ remote })
  onStep(`put to the repository: ${say(pushed)}`)

  const colleague = await openWorkspace({ folder: theirs, project })
  const { object, sync } = await colleague.get(`${repository}#${experiment}`)
  const count = await countRuns(colleague)
  onStep(`got by a second workspace (${sync}): ${object.fields.name} with ${count} runs`)

  const [outcome] = await runStudy({ workspace: theirs, grid: [addition], seed })
  if (outcome.error) throw outcome.error
  onStep(`run there: ${describe(addition)}, accuracy ${outcome.scores.accuracy.toFixed(3)}`)
  const { tags = [] } = (await mine.runs.get(best)).fields
  await mine.runs.update(best, { tags: [...new Set([...tags, tag, `seed-${seed}`])] })
  onStep(`tagged here meanwhile: ${best}`)

  onStep(`put from there: ${say(await colleague.push())}`)
  onStep(`put from here: ${say(await mine.push({ remote }))}`)
  await colleague.pull()
  const ends = await Promise.all([countRuns(mine), countRuns(colleague)])
  onStep(`runs by now here and there: ${ends.join(' and ')}`)
  await Promise.all([mine.close(), colleague.close()])
  return { repository, theirs, added: outcome.address }
}

/** Makes a bare repository as a forge or a file server would have it, if there is none yet. */
async function makeRepository(path) {
  if (await stat(path).catch(() => undefined)) return path
  await mkdir(path, { recursive: true })
  await promisify(execFile)('git', ['init', '--quiet', '--bare', '--initial-branch=main', path])
  return path
}

function say({ refs }) {
  const changed = refs.filter(({ status }) => status !== 'unchanged')
  if (changed.length === 0) return 'nothing new'
  return changed.map(({ ref, status }) => `${ref.split('/').at(-1)} ${status}`).join(', ')
}

async function countRuns(workspace) {
  let count = 0
  for await (const _ of workspace.runs.list({ in: `${project}/${experiment}` })) count += 1
  return count
}
