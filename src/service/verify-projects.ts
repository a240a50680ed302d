import { isCoded } from '../base/errors.ts'
import { findDamagedIndexes } from '../query/index/check.ts'
import { openHostRepository } from '../store/host.ts'
import { ProjectStore } from '../store/project-store.ts'
import { type VerifyNote, type VerifyProblem, verifyProject } from '../store/verify.ts'
import { completeFolder, findIncomplete } from '../store/verify-folder.ts'
import { exchangeOptions, type ServiceContext } from './context.ts'
import type { VerifyReport, VerifyRequest } from './workspace.ts'

/** Checks projects; one that can't be opened is a problem and keeps no other from being checked. */
export async function verifyProjects(
  context: ServiceContext,
  { in: address, repair = false, onProgress, ...exchange }: VerifyRequest
): Promise<VerifyReport> {
  const { workspace } = context
  const { onProgress: _, ...asking } = exchangeOptions(context, exchange)
  const slugs =
    address === undefined ? await workspace.projects() : [await slugAt(context, address)]
  let [objects, records] = [0, 0]
  const problems: VerifyProblem[] = []
  const notes: VerifyNote[] = []
  for (const slug of slugs) {
    try {
      const where = workspace.folderOf(slug)
      const incomplete = await findIncomplete(workspace.host, where)
      if (incomplete !== undefined) {
        const { code, message } = incomplete
        if (repair) await completeFolder(workspace.host, where)
        const isMended = repair ? { isMended: true } : {}
        problems.push({ project: slug, where, code, message, repair: 'remake', ...isMended })
        if (!repair) continue
      }
      const opened = await openAny(context, slug)
      if (opened === undefined) continue
      const { store, release } = opened
      try {
        const verified = await verifyProject(store, {
          ...asking,
          repair,
          ...(onProgress === undefined ? {} : { onProgress }),
          findDerived: () => findDamagedIndexes(store)
        })
        objects += verified.objects
        records += verified.records
        problems.push(...verified.problems)
        notes.push(...verified.notes)
      } finally {
        await release()
      }
    } catch (error) {
      if (!isCoded(error)) throw error
      const { code, message } = error
      problems.push({ project: slug, where: workspace.folderOf(slug), code, message })
    }
  }
  return { objects, records, problems, notes }
}

/** Returns the project that an address is in, which may be too damaged to be opened. */
async function slugAt({ workspace, book }: ServiceContext, address: string): Promise<string> {
  try {
    return (await book.require(address, ['project', 'experiment'])).store.slug
  } catch (error) {
    const [slug = ''] = address.split('/')
    if (isCoded(error) && (await workspace.projects()).includes(slug)) return slug
    throw error
  }
}

/** Opens a project, or the repository of one that is too damaged; `undefined` if it is gone. */
async function openAny(
  { workspace }: ServiceContext,
  slug: string
): Promise<{ readonly store: ProjectStore; release(): Promise<void> } | undefined> {
  try {
    const store = await workspace.project(slug)
    return store && { store, release: async () => undefined }
  } catch (error) {
    if (!isCoded(error)) throw error
    const { host } = workspace
    const folder = workspace.folderOf(slug)
    const repository = await openHostRepository(host, folder).catch(() => undefined)
    if (repository === undefined) throw error
    const store = ProjectStore.forNew(host, repository, slug)
    return { store, release: () => store.close() }
  }
}
