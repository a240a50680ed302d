import {
  isSettingKey,
  readSettings,
  SETTINGS,
  type SettingKey,
  writeSetting
} from '../../service/config.ts'
import { defineCommand, flag, optional } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { EXIT } from '../failures.ts'
import { print, printJson } from '../print.ts'
import { formatTable } from '../table.ts'

/** `runtree config`. */
export const config = defineCommand({
  description:
    'Shows the settings of the workspace, prints one, or changes one. They lie in config.yaml in the ' +
    'workspace’s folder and stay on this machine.\n\nSettings: ' +
    Object.entries(SETTINGS)
      .map(([key, what]) => `${key} (${what})`)
      .join(', ') +
    '.',
  arguments: { key: optional('a setting'), value: optional('its new value') },
  options: { unset: flag('--unset', 'remove the setting') },
  examples: [
    ['config', 'all settings'],
    ['config project vision', 'choose the current project'],
    ['config author.name --unset', "take git's name again"]
  ],
  async run(context, { args, options }) {
    const { key, value } = args
    if (key !== undefined && !isSettingKey(key)) {
      const known = Object.keys(SETTINGS).join(', ')
      throw usageError(`There is no setting ${key}. There are ${known}.`)
    }
    if (options.unset && (key === undefined || value !== undefined)) {
      throw usageError('--unset takes one setting and no value.')
    }
    const workspace = await context.open()
    if (key === undefined) return showAll(context, workspace.folder)
    if (value === undefined && !options.unset) return showOne(context, workspace.folder, key)
    if (key !== 'project' || value === undefined) {
      await writeSetting(context.files, workspace.folder, key, value)
      return
    }
    const project = await workspace.projects.get(value)
    if (project === undefined) throw cliErrors.create('CLI_NOT_FOUND', { address: value })
    await writeSetting(context.files, workspace.folder, key, project.project)
    return undefined
  }
})

async function showAll(context: Context, folder: string): Promise<undefined> {
  const settings = await readSettings(context.files, folder)
  if (context.json) return void (await printJson(context, settings))
  const rows = Object.entries(SETTINGS).map(([key, what]) => [
    key,
    settings[key as SettingKey] ?? '',
    what
  ])
  const { text } = formatTable(
    [
      { title: 'setting', maxWidth: 30, minWidth: 14 },
      { title: 'value', maxWidth: 60, minWidth: 20 },
      { title: 'what it is', rank: 1, maxWidth: 70, paint: (cell) => context.colors.dim(cell) }
    ],
    rows,
    { width: context.out.columns, colors: context.colors }
  )
  await print(context, text)
  return undefined
}

async function showOne(context: Context, folder: string, key: SettingKey): Promise<number> {
  const value = (await readSettings(context.files, folder))[key]
  if (context.json) await printJson(context, value ?? null)
  else if (value !== undefined) await print(context, value)
  return value === undefined ? EXIT.failed : EXIT.done
}
