import { EXIT, type Failure } from './exit.ts'
import { REMOTE_FAILURES } from './remote-failures.ts'

/** What the program makes of an error's code; codes that are not here are plain failures. */
export const FAILURES: { readonly [code: string]: Failure } = {
  CLI_USAGE: { status: EXIT.usage, hint: 'runtree <command> --help shows what it takes.' },
  CLI_NOT_FOUND: {
    status: EXIT.failed,
    hint: 'runtree ls lists what there is; runtree restore brings back what was deleted, runtree clone what is elsewhere.'
  },
  CLI_NOT_THERE: {
    status: EXIT.failed,
    hint: 'runtree remote info lists what there is; runtree push brings there what is here.'
  },
  CLI_NOT_ASKED: {
    status: EXIT.offline,
    hint: 'Check the network; runtree status says how the remotes stand.'
  },
  CLI_WRONG_KIND: { status: EXIT.usage, hint: 'runtree ls <address> lists what lies below it.' },
  CLI_NO_RUN: { status: EXIT.failed, hint: 'runtree find shows which runs pass a filter.' },
  CLI_SEVERAL_RUNS: {
    status: EXIT.usage,
    hint: 'Narrow the filter, or name an order with --sort: the first is taken.'
  },
  CLI_CANCELLED: { status: EXIT.failed },
  CLI_FILE_MISSING: { status: EXIT.usage },
  CLI_FOLDER_MISSING: { status: EXIT.usage },
  CLI_FOLDER_NOT_EMPTY: {
    status: EXIT.usage,
    hint: 'Name another folder, or let --force write into this one.'
  },
  CLI_NO_DASHBOARD: {
    status: EXIT.failed,
    hint: 'Run npm run build, or install the package anew.'
  },
  EADDRINUSE: {
    status: EXIT.failed,
    hint: 'Another program uses that port: name another one, or none.'
  },
  CLI_COMMAND_NOT_STARTED: { status: EXIT.failed },
  CLI_CONTENT_ELSEWHERE: { status: EXIT.failed },
  SERVICE_OBJECT_TEXT: {
    status: EXIT.failed,
    hint: 'runtree get <address> shows an object in the form that put reads.'
  },
  SERVICE_SETTING: { status: EXIT.usage },
  QUERY_SYNTAX: { status: EXIT.usage, hint: 'docs/QUERY.md shows what a filter can say.' },
  QUERY_FIELD: { status: EXIT.usage, hint: 'docs/QUERY.md lists the fields.' },
  QUERY_PATTERN: { status: EXIT.usage },
  QUERY_FILTER: { status: EXIT.usage },
  QUERY_GOAL: {
    status: EXIT.usage,
    hint: 'Give --min or --max, or set metrics.<metric>.goal of the experiment with runtree edit.'
  },
  QUERY_ROWS: {
    status: EXIT.usage,
    hint: '--by <column> says which row is better, --key <column> by which column rows are joined.'
  },
  CLI_PATH_UNSAFE: { status: EXIT.failed },
  MODEL_INVALID: { status: EXIT.failed, hint: 'docs/FORMAT.md lists the fields of each kind.' },
  MODEL_SCHEMA_TOO_NEW: {
    status: EXIT.failed,
    hint: 'A newer version of runtree wrote it; update runtree to read it.'
  },
  MODEL_NAME: { status: EXIT.usage, hint: 'Choose another name.' },
  MODEL_ADDRESS: {
    status: EXIT.usage,
    hint: 'An address is [project/]experiment, [project/]experiment/<run>, or the beginning of a run id.'
  },
  FORMAT_YAML: { status: EXIT.failed, hint: 'Correct the text at that place and try again.' },
  FORMAT_ENCODING: { status: EXIT.failed, hint: 'Save the file as UTF-8.' },
  STORE_NOT_FOUND: { status: EXIT.failed, hint: 'runtree ls lists what there is.' },
  STORE_EXISTS: {
    status: EXIT.conflict,
    hint: 'Choose another name, or change or delete what has it.'
  },
  STORE_AMBIGUOUS: { status: EXIT.usage, hint: 'Give more of it, or the full address.' },
  STORE_WRONG_KIND: { status: EXIT.usage },
  STORE_NO_PROJECT: {
    status: EXIT.usage,
    hint: 'Name one with --project, or make one with runtree init; runtree ls lists them.'
  },
  STORE_NOT_A_PROJECT: {
    status: EXIT.failed,
    hint: 'Move that folder out of the workspace if it does not belong there; if it does, runtree verify --repair looks for its main branch.'
  },
  STORE_REVISION: {
    status: EXIT.usage,
    hint: 'runtree history <address> lists the commits that can be named.'
  },
  STORE_IN_USE: { status: EXIT.conflict, hint: 'Delete what uses it first.' },
  STORE_BUSY: { status: EXIT.conflict, hint: 'Other programs write to it; try again.' },
  STORE_UNPUSHED: { status: EXIT.conflict, hint: 'runtree rm --force deletes it nevertheless.' },
  STORE_IMMUTABLE: { status: EXIT.usage },
  STORE_FIELD: { status: EXIT.usage, hint: 'docs/FORMAT.md lists the fields of each kind.' },
  STORE_REFERENCE: { status: EXIT.failed, hint: 'Create what it names first.' },
  ...REMOTE_FAILURES,
  STORE_LEFT_THERE: { status: EXIT.offline, hint: 'Try again when it can be reached.' },
  STORE_NO_REMOTE: {
    status: EXIT.usage,
    hint: 'runtree remote ls lists them; runtree remote add adds one.'
  },
  STORE_REMOTE_NAME: {
    status: EXIT.usage,
    hint: 'Use letters, digits, ., _ and -.'
  },
  STORE_OTHER_PROJECT: {
    status: EXIT.conflict,
    hint: "Check the address; runtree pull --join takes the other's experiments in."
  },
  STORE_NOT_A_PROJECT_THERE: {
    status: EXIT.failed,
    hint: 'Check the address; push into an empty repository, or beside the code with runtree remote add --prefix refs/runtree/.'
  },
  STORE_RECORD_THERE: {
    status: EXIT.failed,
    hint: 'Correct it there, with git, and try again.'
  },
  STORE_NO_REMOTES_HERE: {
    status: EXIT.failed,
    hint: 'Open it with openWorkspace.'
  },
  STORE_DELETE_MODE: {
    status: EXIT.usage,
    hint: 'Delete it here and push, or use --mode all, which pushes at once.'
  },
  STORE_PURGE: {
    status: EXIT.failed,
    hint: 'End the run, or bring all history with runtree pull; then try again.'
  },
  STORE_TRANSACTION: { status: EXIT.failed, hint: 'Store them with several commands.' },
  STORE_CONTENT_ELSEWHERE: {
    status: EXIT.failed,
    hint: 'Fetch it from where it is; runtree artifacts ls <run> says where.'
  },
  STORE_CONTENT_DAMAGED: {
    status: EXIT.failed,
    hint: 'runtree verify --repair mends what can be mended.'
  },
  STORE_PART_BROKEN: {
    status: EXIT.failed,
    hint: 'runtree verify --repair mends what can be mended.'
  },
  STORE_JOURNAL: {
    status: EXIT.failed,
    hint: 'Check that the folder can be written and the disk has room.'
  },
  STORE_MERGE_TOO_NEW: {
    status: EXIT.failed,
    hint: 'A newer version of runtree wrote it; update runtree to merge it.'
  },
  STORE_FILES: {
    status: EXIT.failed,
    hint: 'Check that they belong to you and can be written, and that the disk has room.'
  },
  STORE_WORKSPACE: {
    status: EXIT.failed,
    hint: 'Check that the folder can be written, or name another one in RUNTREE_HOME.'
  },
  FORMAT_SCHEMA: {
    status: EXIT.failed,
    hint: 'runtree get <address> shows how an object of that kind looks.'
  },
  GIT_NOT_A_REPOSITORY: {
    status: EXIT.failed,
    hint: 'Move that folder out of the workspace; if it is a project, runtree verify --repair makes what a copy has left out.'
  },
  GIT_UNSUPPORTED_FORMAT: {
    status: EXIT.failed,
    hint: 'Convert the repository with git, or update runtree.'
  },
  GIT_PACK_DAMAGED: {
    status: EXIT.failed,
    hint: 'runtree verify --repair mends what can be mended.'
  },
  GIT_REF_DAMAGED: {
    status: EXIT.failed,
    hint: 'runtree verify --repair mends what can be mended.'
  },
  GIT_CONFIG_DAMAGED: { status: EXIT.failed, hint: 'Correct that line.' },
  GIT_REF_LOCKED: {
    status: EXIT.conflict,
    hint: 'If no git program is running on that repository, remove the lock file.'
  },
  GIT_QUEUE_BUSY: { status: EXIT.conflict, hint: 'Wait for that process, or end it.' },
  GIT_ALTERNATE_GONE: {
    status: EXIT.failed,
    hint: 'Bring the folder back, or fetch what is missing: take its line out of that file, then runtree verify --repair.'
  },
  GIT_HISTORY_CUT: { status: EXIT.failed, hint: 'Add the remote that has it; it is asked then.' },
  GIT_OBJECT_DAMAGED: {
    status: EXIT.failed,
    hint: 'runtree verify --repair mends what can be mended.'
  },
  GIT_OBJECT_MISSING: {
    status: EXIT.failed,
    hint: 'runtree verify --repair fetches it from a remote that has it.'
  },
  EACCES: { status: EXIT.failed, hint: 'Check who owns the file and what its permissions are.' },
  EPERM: { status: EXIT.failed, hint: 'Check who owns the file and what its permissions are.' },
  EROFS: { status: EXIT.failed, hint: 'Name a folder that can be written in RUNTREE_HOME.' },
  ENOSPC: { status: EXIT.failed, hint: 'Make room on the disk and try again.' }
}
