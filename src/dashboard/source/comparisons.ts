import type { Workspace } from '../../service/workspace.ts'

export function createComparisons(_workspace: Workspace) {
  return {
    compare: () => {
      throw new TypeError('later')
    },
    compareRows: () => {
      throw new TypeError('later')
    }
  }
}
