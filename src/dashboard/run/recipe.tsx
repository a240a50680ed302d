import { flatten } from '../parts/flatten.ts'
import { Icon } from '../parts/icon.tsx'
import { Section } from '../parts/section.tsx'
import type { CodeAnswer, RunAnswer } from '../source/run-answers.ts'

/** Something that is needed to reproduce a run. */
interface Ingredient {
  readonly isThere: boolean
  readonly name: string
  readonly text: string
}

/** Says whether a run can be reproduced: what is recorded for that, and what is not. */
export function Recipe({
  answer,
  code
}: {
  readonly answer: RunAnswer
  readonly code: CodeAnswer
}) {
  const ingredients = ingredientsOf(answer, code)
  const missing = ingredients.filter(({ isThere }) => !isThere).length
  return (
    <Section title="Can it be reproduced?">
      <p class="recipe-verdict">
        {missing === 0
          ? 'Yes: all that it takes is recorded.'
          : missing === ingredients.length
            ? 'No: nothing that it takes is recorded.'
            : `In part: ${missing} of ${ingredients.length} things ${missing === 1 ? 'is' : 'are'} not recorded.`}
      </p>
      <ul class="recipe">
        {ingredients.map(({ isThere, name, text }) => (
          <li key={name} class={isThere ? 'good' : 'warn'}>
            <Icon name={isThere ? 'check' : 'alert'} />
            <span>
              <span class="visually-hidden">{isThere ? 'Recorded: ' : 'Missing: '}</span>
              <strong>{name}</strong> <span class="muted">{text}</span>
            </span>
          </li>
        ))}
      </ul>
      {code.warnings.length === 0 ? null : (
        <ul class="banner">
          {code.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function ingredientsOf(
  { record, environment }: RunAnswer,
  code: CodeAnswer
): readonly Ingredient[] {
  const { seed, datasets = {}, params = {} } = record
  const digested = Object.values(datasets).filter(({ digest }) => digest !== undefined).length
  const count = Object.keys(datasets).length
  const paramCount = flatten(params).length
  const lockFiles = Object.keys(environment?.lockFiles ?? {})
  return [
    {
      name: 'Code',
      isThere: code.tree !== undefined,
      text: codeText(code)
    },
    {
      name: 'Command',
      isThere: (code.command?.length ?? 0) > 0,
      text: (code.command?.length ?? 0) > 0 ? 'as it was typed' : 'is not known'
    },
    {
      name: 'Parameters',
      isThere: paramCount > 0,
      text: paramCount > 0 ? `${paramCount} of them` : 'none were given'
    },
    {
      name: 'Random seed',
      isThere: seed !== undefined,
      text: seed === undefined ? 'is not recorded' : String(seed)
    },
    {
      name: 'Data',
      isThere: count > 0 && digested === count,
      text:
        count === 0
          ? 'no dataset is named'
          : digested === count
            ? `${count === 1 ? 'one dataset' : `${count} datasets`}, with a digest`
            : `${count - digested} of ${count} datasets have no digest`
    },
    {
      name: 'Packages',
      isThere: lockFiles.length > 0 || Object.keys(environment?.packages ?? {}).length > 0,
      text: lockFiles.length > 0 ? `by ${lockFiles.join(', ')}` : 'versions are listed at the side'
    }
  ].map((each) =>
    each.name === 'Packages' && !each.isThere ? { ...each, text: 'are not recorded' } : each
  )
}

function codeText({ tree, commit, patch }: CodeAnswer): string {
  if (tree === undefined) return 'was not captured'
  if (commit === undefined) return 'as it lay on disk, without a commit'
  return patch === undefined || patch === ''
    ? 'as a commit has it'
    : 'a commit, and a patch for what was not committed'
}
