// Brings a project from a git remote into the browser's storage and shows its runs.
import { openWorkspace } from 'runtree'

const form = document.querySelector('form')
const state = document.querySelector('#state')
const rows = document.querySelector('tbody')

const workspace = await openWorkspace()
await showRuns()

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { url, username, password } = Object.fromEntries(new FormData(form))
  try {
    await workspace.clone(url, {
      ...(password === '' ? {} : { credential: { username, password } }),
      onProgress: (progress) => {
        if (progress.kind === 'received') state.textContent = `${progress.objects} objects`
      }
    })
    await showRuns()
  } catch (error) {
    state.textContent = error.message
  }
})

/** Shows all runs that are here, from earlier visits as well. */
async function showRuns() {
  rows.replaceChildren()
  for await (const project of workspace.projects.list()) {
    for await (const { fields } of workspace.runs.list({ in: project.id })) {
      const row = rows.insertRow()
      for (const value of [fields.name, fields.status, fields.metrics?.loss?.last]) {
        row.insertCell().textContent = value ?? ''
      }
    }
  }
  state.textContent = `${rows.children.length} runs`
}
