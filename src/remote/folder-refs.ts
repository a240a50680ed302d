import { isAncestor } from '../git/ancestry.ts'
import { isOn } from '../git/config.ts'
import { gitErrors } from '../git/errors.ts'
import type { RefEdit } from '../git/ref-store.ts'
import type { Repository } from '../git/repository.ts'
import type { PushAnswer, PushCommand, PushRequest } from './remote.ts'

/**
 * Changes refs of a repository in a folder as `git receive-pack` would: heeds its settings
 * `receive.denyNonFastForwards` and `receive.denyDeletes`, and leaves a branch alone that is checked
 * out there.
 */
export async function changeRefs(
  repository: Repository,
  head: string | undefined,
  { commands, isAtomic }: Pick<PushRequest, 'commands' | 'isAtomic'>
): Promise<PushAnswer> {
  const answer = new Map<string, string | undefined>()
  for (const command of commands) {
    const reason = await refuse(repository, head, command)
    if (reason !== undefined) answer.set(command.ref, reason)
  }
  const open = commands.filter(({ ref }) => !answer.has(ref))
  if (isAtomic && answer.size > 0) {
    for (const { ref } of open) answer.set(ref, 'another ref was refused')
    return answer
  }
  for (const group of isAtomic ? [open] : open.map((command) => [command])) {
    const reason = await change(repository, group)
    for (const { ref } of group) answer.set(ref, reason)
  }
  return answer
}

async function refuse(
  { config, objects }: Repository,
  head: string | undefined,
  { ref, expected, value }: PushCommand
): Promise<string | undefined> {
  const isBranch = ref.startsWith('refs/heads/')
  if (!isOn(config, 'core.bare', true) && ref === head) return 'it is checked out there'
  if (value === null) {
    return isOn(config, 'receive.denydeletes') ? 'deletion is prohibited' : undefined
  }
  if (expected === null || !isBranch || !isOn(config, 'receive.denynonfastforwards')) {
    return undefined
  }
  return (await isAncestor(objects, expected, value)) ? undefined : 'it is no fast-forward'
}

/** Makes edits, all or none; returns why it could not. */
async function change(
  { refs }: Repository,
  commands: readonly PushCommand[]
): Promise<string | undefined> {
  const edits = commands.map(({ ref, expected, value }): RefEdit => ({ ref, expected, value }))
  try {
    const { status } = await refs.update(edits)
    return status === 'updated' ? undefined : 'it moved meanwhile'
  } catch (error) {
    if (gitErrors.is(error, 'GIT_REF_NAME')) return error.data.reason
    if (gitErrors.is(error, 'GIT_REF_LOCKED')) return 'it is locked by another program'
    throw error
  }
}
