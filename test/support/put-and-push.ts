/** Puts runs into an experiment one after another and pushes each; for tests with processes. */
import { openWorkspace } from '../../src/node.ts'

const [folder = '', name = '', count = ''] = process.argv.slice(2)
const workspace = await openWorkspace({ folder, project: 'vision' })
const reports: string[] = []
for (let done = 0; done < Number(count); done++) {
  const put = await workspace.put(
    { kind: 'run', fields: { in: 'vision/train', name: `${name} ${done}` } },
    { remote: 'origin' }
  )
  const train = put.pushed?.refs.find(({ experiment }) => experiment === 'train')
  // What went wrong is told, so that a test can say it.
  const { status = 'none', reason } = train ?? {}
  reports.push(reason === undefined ? status : `${status}: ${reason}`)
}
await workspace.close()
process.stdout.write(JSON.stringify(reports))
