import { signal } from '@preact/signals'
import { render } from 'preact'
import { openHttpSource } from './client/http-client.ts'
import type { About, SourceProblem } from './source/answers.ts'

const about = signal<About | undefined>(undefined)
const problem = signal<SourceProblem | undefined>(undefined)

function Page() {
  if (problem.value !== undefined) {
    return (
      <main>
        <p role="alert">{problem.value.message}</p>
        <p>{problem.value.hint}</p>
      </main>
    )
  }
  if (about.value === undefined) return <p role="status">Opening…</p>
  return (
    <main>
      <h1>Runtree {about.value.version}</h1>
      <p>{about.value.place}</p>
      <ul>
        {about.value.projects.map((project) => (
          <li key={project}>{project}</li>
        ))}
      </ul>
    </main>
  )
}

render(<Page />, document.getElementById('app') as HTMLElement)
openHttpSource()
  .about()
  .then(
    (answer) => {
      about.value = answer
    },
    (error: SourceProblem) => {
      problem.value = error
    }
  )
