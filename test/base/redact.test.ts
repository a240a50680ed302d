import { expect } from 'chai'
import {
  isSecretName,
  redactCommand,
  redactText,
  redactVariable,
  withoutCredentials
} from '../../src/base/redact.ts'

describe('redaction of secrets', () => {
  it('knows names of secrets from others that resemble them', () => {
    const secret = [
      ...['--api-key', 'apiKey', 'APIKey', 'OPENAI_API_KEY', 'HF_TOKEN', 'hftoken', 'token'],
      ...['client_secret', 'AWS_SECRET_ACCESS_KEY', 'db.password', 'PGPASSWORD', 'passwd'],
      ...['passphrase', 'credentials', 'auth', 'basic-auth', 'Authorization', 'jwt', 'api-tokens']
    ]
    const plain = [
      ...['--author', 'tokenizer', '--max-tokens', 'num_tokens', 'monkey', 'keyboard', 'lr'],
      ...['authority', 'passes', 'secretary', 'turkeys', 'PBS_O_WORKDIR', 'keypoints']
    ]
    expect(secret.filter((name) => !isSecretName(name))).to.deep.equal([])
    expect(plain.filter(isSecretName)).to.deep.equal([])
  })

  const cases: [what: string, command: string[], stored: string[]][] = [
    [
      'a flag and its value',
      ['a', '--token', 'x', '--lr', '1'],
      ['a', '--token', '***', '--lr', '1']
    ],
    ['a value that begins with a dash', ['--api-key', '-x'], ['--api-key', '***']],
    ['nothing after a flag without value', ['--no-auth', '--lr', '1'], ['--no-auth', '--lr', '1']],
    ['a flag with an equals sign', ['--api-key=x=y', '-token=z'], ['--api-key=***', '-token=***']],
    ['an assignment', ['HF_TOKEN=x', 'LR=1'], ['HF_TOKEN=***', 'LR=1']],
    ['a nested setting', ['+wandb.api_key=x', 'model.lr=1'], ['+wandb.api_key=***', 'model.lr=1']],
    ['a header', ['-H', 'Authorization: Bearer x'], ['-H', 'Authorization: ***']],
    [
      'a shell line',
      ['sh', '-c', 'TOKEN="x y" A=1 run --password z --lr 2; B_SECRET=q run'],
      ['sh', '-c', 'TOKEN=*** A=1 run --password *** --lr 2; B_SECRET=*** run']
    ],
    ['a header in a shell line', ['curl -H "X-Api-Key: abc" u'], ['curl -H "X-Api-Key: ***" u']],
    ['JSON', ['{"api_key": "x", "lr": 1}'], ['{"api_key": "***", "lr": 1}']],
    [
      'an address',
      ['https://u:p@h/x', 'ssh://git@h/x', 'git@h:x', 'https://tok@h/x?a=1&api_key=s'],
      ['https://***@h/x', 'ssh://git@h/x', 'git@h:x', 'https://***@h/x?a=1&api_key=***']
    ],
    ['a token by its form', [`ghp_${'a1'.repeat(18)}`, 'sk-short'], ['***', 'sk-short']],
    ['nothing else', ['--max-tokens', '512', 'a b c', ''], ['--max-tokens', '512', 'a b c', '']]
  ]
  for (const [what, command, stored] of cases) {
    it(`replaces ${what}`, () => expect(redactCommand(command)).to.deep.equal(stored))
  }

  it('replaces a variable by its name, and an address in its value', () => {
    expect(redactVariable('CI_JOB_TOKEN', 'x')).to.equal('***')
    expect(redactVariable('PBS_O_HOME', 'https://a:b@h/x y')).to.equal('https://***@h/x y')
  })

  it('replaces a password that itself has an at sign', () => {
    expect(redactText('see https://u:p@ss@h/x')).to.equal('see https://***@h/x')
  })

  it('strips credentials, query and fragment from an address', () => {
    const cases = [
      ['https://u:p@h:8080/x.git', 'https://h:8080/x.git'],
      ['https://h/x?private_token=t#f', 'https://h/x'],
      ['ssh://git:p@h/x', 'ssh://git@h/x'],
      ['git@h:x.git', 'git@h:x.git'],
      ['/some/p@th', '/some/p@th'],
      ['file:///a/b@c', 'file:///a/b@c']
    ]
    for (const [url, stripped] of cases)
      expect(withoutCredentials(url as string)).to.equal(stripped)
  })
})
