import { isCoded } from '../base/errors.ts'
import { type VerifyProblem, verifyProject } from '../store/verify.ts'
import type { ServiceContext } from './context.ts'
import type { VerifyReport, VerifyRequest } from './workspace.ts'

/** Checks projects; one that can't be opened is a problem and keeps no other from being checked. */
export async function verifyProjects(
  { workspace, book }: ServiceContext,
  { in: address, ...verifying }: VerifyRequest
): Promise<VerifyReport> {
  const slugs =
    address === undefined
      ? await workspace.projects()
      : [(await book.require(address, ['project', 'experiment'])).store.slug]
  let [objects, records] = [0, 0]
  const problems: VerifyProblem[] = []
  for (const slug of slugs) {
    try {
      const store = await workspace.project(slug)
      if (store === undefined) continue
      const verified = await verifyProject(store, verifying)
      objects += verified.objects
      records += verified.records
      problems.push(...verified.problems)
    } catch (error) {
      if (!isCoded(error)) throw error
      const { code, message } = error
      problems.push({ project: slug, where: workspace.folderOf(slug), code, message })
    }
  }
  return { objects, records, problems }
}
