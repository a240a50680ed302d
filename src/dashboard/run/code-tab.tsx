import { Command } from '../parts/copy-button.tsx'
import { Diff } from '../parts/diff.tsx'
import { useLoad } from '../parts/load.ts'
import { DownloadText } from '../parts/log-view.tsx'
import { Section } from '../parts/section.tsx'
import { Show } from '../parts/states.tsx'
import type { CodeAnswer } from '../source/run-answers.ts'
import { Environment } from './environment.tsx'
import { Recipe } from './recipe.tsx'
import type { RunView } from './run-view.ts'

/** How the run can be reproduced: its code, its machine, and what is missing for it. */
export function CodeTab({ view }: { readonly view: RunView }) {
  const { source, answer } = view
  const code = useLoad(
    (signal) => source.code({ address: answer.address }, { signal }),
    [answer.address, answer.commitOid],
    { keep: true }
  )
  return (
    <Show loaded={code}>
      {(found) => (
        <div class="run-columns">
          <div class="run-main">
            <Recipe answer={answer} code={found} />
            <Checkout code={found} />
            <Patch code={found} />
          </div>
          <div class="run-side">
            <Environment environment={answer.environment} />
          </div>
        </div>
      )}
    </Show>
  )
}

function Checkout({ code }: { readonly code: CodeAnswer }) {
  if (code.tree === undefined) return null
  const facts = [
    ['Entry', code.file],
    ['Branch', code.branch],
    ['Commit', code.commit],
    ['Tree', code.tree]
  ] as const
  return (
    <Section title="Code">
      <dl class="fact-list">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="mono">{value}</dd>
            </div>
          )
        )}
      </dl>
      {code.checkout.length === 0 ? null : (
        <>
          <h3>Bring it back</h3>
          <Command text={code.checkout.join('\n')} label="Copy the commands" />
        </>
      )}
      {code.command === undefined ? null : (
        <>
          <h3>Run it again</h3>
          <Command text={code.command.map(quote).join(' ')} label="Copy the command" />
        </>
      )}
      {code.leftOut.length === 0 ? null : (
        <p class="small muted">
          Left out, because they look like secrets:{' '}
          <span class="mono">{code.leftOut.join(', ')}</span>
        </p>
      )}
    </Section>
  )
}

function Patch({ code }: { readonly code: CodeAnswer }) {
  if (code.tree === undefined) return null
  return (
    <Section
      title="Changes that were not committed"
      actions={
        code.patch ? <DownloadText label="run.patch" name="run.patch" text={code.patch} /> : null
      }
    >
      {code.patch === undefined || code.patch === '' ? (
        <p class="muted">None: the code was as the commit has it.</p>
      ) : (
        <Diff patch={code.patch} />
      )}
    </Section>
  )
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
