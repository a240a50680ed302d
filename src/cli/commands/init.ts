import { writeSetting } from '../../service/config.ts'
import { defineCommand, optional } from '../command.ts'
import { usageError } from '../errors.ts'
import { flatObject, note, printJson } from '../print.ts'
import { printable } from '../printable.ts'

/** `runtree init`. */
export const init = defineCommand({
  description:
    'Makes a workspace in the current folder, .runtree/, and a project in it, which becomes the ' +
    'current one. It is never needed: runtree run makes what is missing, in ~/.runtree if there is ' +
    'no workspace nearer by. Git ignores .runtree/.',
  arguments: { name: optional("the project's name (the folder's)") },
  options: {},
  examples: [
    ['init', 'a project with the name of this folder'],
    ['init "Iris study"', 'with another name']
  ],
  async run(context, { args }) {
    const folder = `${context.files.resolve('.')}/.runtree`
    const home = context.env.RUNTREE_HOME
    if (home && context.files.resolve(home) !== folder) {
      throw usageError(
        `RUNTREE_HOME is set to ${home}, so nothing would use a workspace here. Unset it, or make ` +
          'the project there: runtree create project <name>.'
      )
    }
    const before = await context.open()
    const workspace = await context.open({ folder })
    const name = args.name ?? context.project ?? folderName(context.files.resolve('.'))
    const project = await workspace.projects.create({ name })
    await writeSetting(context.files, folder, 'project', project.project)
    if (context.json) return void (await printJson(context, flatObject(project)))
    note(context, `Made the project ${project.project} in ${folder}.`)
    if (before.folder !== folder && (await before.projects.exists(project.project))) {
      const elsewhere = printable(before.folder)
      note(context, `The project of that name in ${elsewhere} is another one, and stays there:`)
      note(context, `RUNTREE_HOME=${elsewhere} runtree ls shows it.`)
    }
    note(context, 'Track a command with: runtree run -- <command>')
    return undefined
  }
})

function folderName(path: string): string {
  const names = path.split(/[\\/]/).filter((name) => name !== '')
  return names.at(-1) ?? 'project'
}
