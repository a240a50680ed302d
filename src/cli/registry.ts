import type { CommandEntry } from './context.ts'

const TRACK = 'Track:'
const LOOK = 'Look:'
const CHANGE = 'Change:'
const SHARE = 'Share:'
const KEEP = 'Keep:'

/** Every command, in the order of the help; each is loaded when it is called. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    group: TRACK,
    summary: 'run a command and track it',
    load: async () => (await import('./commands/run.ts')).run
  },
  {
    name: 'watch',
    group: TRACK,
    summary: 'show the runs in progress',
    load: async () => (await import('./commands/watch.ts')).watch
  },
  {
    name: 'ls',
    group: LOOK,
    summary: 'list projects, experiments or runs',
    load: async () => (await import('./commands/ls.ts')).ls
  },
  {
    name: 'find',
    group: LOOK,
    summary: 'find, count or group runs by a filter',
    load: async () => (await import('./commands/find.ts')).find
  },
  {
    name: 'best',
    group: LOOK,
    summary: 'show the best runs by a metric',
    load: async () => (await import('./commands/best.ts')).best
  },
  {
    name: 'compare',
    group: LOOK,
    summary: 'show in what runs differ',
    load: async () => (await import('./commands/compare.ts')).compare
  },
  {
    name: 'ui',
    group: LOOK,
    summary: 'show everything in the browser',
    load: async () => (await import('./commands/ui.ts')).ui
  },
  {
    name: 'show',
    group: LOOK,
    summary: 'show an object as a page',
    load: async () => (await import('./commands/show.ts')).show
  },
  {
    name: 'get',
    group: LOOK,
    summary: 'print an object as it is stored',
    load: async () => (await import('./commands/get.ts')).get
  },
  {
    name: 'logs',
    group: LOOK,
    summary: 'print the text that a run wrote',
    load: async () => (await import('./commands/logs.ts')).logs
  },
  {
    name: 'history',
    group: LOOK,
    summary: 'list the commits that touched an object',
    load: async () => (await import('./commands/history.ts')).history
  },
  {
    name: 'artifacts',
    group: LOOK,
    summary: "list a run's artifacts, or fetch one",
    load: async () => (await import('./commands/artifacts.ts')).artifacts
  },
  {
    name: 'init',
    group: CHANGE,
    summary: 'make a workspace and a project here',
    load: async () => (await import('./commands/init.ts')).init
  },
  {
    name: 'create',
    group: CHANGE,
    summary: 'make an object',
    load: async () => (await import('./commands/create.ts')).create
  },
  {
    name: 'put',
    group: CHANGE,
    summary: 'store objects from a file',
    load: async () => (await import('./commands/put.ts')).put
  },
  {
    name: 'edit',
    group: CHANGE,
    summary: 'change tags, notes, name or fields',
    load: async () => (await import('./commands/edit.ts')).edit
  },
  {
    name: 'rm',
    group: CHANGE,
    summary: 'delete objects',
    load: async () => (await import('./commands/rm.ts')).rm
  },
  {
    name: 'restore',
    group: CHANGE,
    summary: 'bring a deleted or earlier object back',
    load: async () => (await import('./commands/restore.ts')).restore
  },
  {
    name: 'purge',
    group: CHANGE,
    summary: 'take an object out of the history',
    load: async () => (await import('./commands/purge.ts')).purge
  },
  {
    name: 'clone',
    group: SHARE,
    summary: 'bring a project from an address',
    load: async () => (await import('./commands/clone.ts')).clone
  },
  {
    name: 'push',
    group: SHARE,
    summary: 'bring what is here to a remote',
    load: async () => (await import('./commands/push.ts')).push
  },
  {
    name: 'publish',
    group: SHARE,
    summary: 'put the dashboard with runs on a branch for a site',
    load: async () => (await import('./commands/publish.ts')).publish
  },
  {
    name: 'pull',
    group: SHARE,
    summary: 'bring what a remote has',
    load: async () => (await import('./commands/pull.ts')).pull
  },
  {
    name: 'status',
    group: SHARE,
    summary: 'say how the project stands to its remotes',
    load: async () => (await import('./commands/status.ts')).status
  },
  {
    name: 'remote',
    group: SHARE,
    summary: 'keep the places to exchange with',
    load: async () => (await import('./commands/remote.ts')).remote
  },
  {
    name: 'snapshot',
    group: SHARE,
    summary: 'fix the state of the project under a name',
    load: async () => (await import('./commands/snapshot.ts')).snapshot
  },
  {
    name: 'export',
    group: KEEP,
    summary: 'write an object and all below it as files',
    load: async () => (await import('./commands/export.ts')).exportCommand
  },
  {
    name: 'verify',
    group: KEEP,
    summary: 'check objects, schemas and references',
    load: async () => (await import('./commands/verify.ts')).verify
  },
  {
    name: 'gc',
    group: KEEP,
    summary: 'pack repositories anew and free space',
    load: async () => (await import('./commands/gc.ts')).gc
  },
  {
    name: 'config',
    group: KEEP,
    summary: 'show or change settings',
    load: async () => (await import('./commands/config.ts')).config
  },
  {
    name: 'completion',
    group: KEEP,
    summary: 'print a completion script for a shell',
    load: async () => (await import('./commands/completion.ts')).completion
  }
]
