import { openWorkspace } from 'runtree'

/** Clones a project and reads every run; returns how many there are and how long it took. */
async function visit(url: string): Promise<{ readonly runs: number; readonly ms: number }> {
  const start = performance.now()
  const workspace = await openWorkspace({ name: 'bench' })
  if (!(await workspace.projects.exists('bench'))) await workspace.clone(url)
  let runs = 0
  for await (const { fields } of workspace.runs.list({ in: 'bench/train' })) {
    if (fields.params !== undefined) runs++
  }
  const ms = performance.now() - start
  await workspace.close()
  return { runs, ms }
}

Object.assign(globalThis, { visit })
