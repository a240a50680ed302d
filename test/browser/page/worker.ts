import { openWorkspace } from 'runtree'

/** Counts the runs that a worker finds in the workspace of the page. */
addEventListener('message', async ({ data }: MessageEvent<{ readonly name: string }>) => {
  const workspace = await openWorkspace(data)
  let found = 0
  for await (const _ of workspace.runs.list({ in: 'vision/train' })) found++
  await workspace.close()
  postMessage(found)
})
