import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { ANIMALS, type Animals, makeAnimals } from './animals.ts'
import { type OpenDashboard, openDashboard } from './open-dashboard.ts'

/** Each would set `hacked`, ask another server, or lead away, were it taken for what it says. */
const ATTACKS: readonly string[] = [
  '<script>globalThis.hacked = 1</script>',
  '</script><script>globalThis.hacked = 2</script>',
  '<img src=x onerror="globalThis.hacked = 3">',
  '<svg onload="globalThis.hacked = 4"></svg>',
  '<svg><script>globalThis.hacked = 5</script></svg>',
  '<iframe src="javascript:parent.hacked = 6"></iframe>',
  '<iframe srcdoc="<script>parent.hacked = 7</script>"></iframe>',
  '[click](javascript:globalThis.hacked=8)',
  '[click](data:text/html,<script>opener.hacked=9</script>)',
  '<a href="jav&#x09;ascript:globalThis.hacked=10">click</a>',
  '<a href="#/sync/lab" class="button primary">click</a>',
  '![tracker](https://evil.example/pixel.png)',
  '<img src="//evil.example/pixel.png">',
  '<video src="https://evil.example/film.mp4" onerror="globalThis.hacked=11" autoplay></video>',
  '<style>body { background: url(https://evil.example/style.png) }</style>',
  '<div style="position:fixed;inset:0;background:url(https://evil.example/cover.png)">over all</div>',
  '<link rel="stylesheet" href="https://evil.example/style.css">',
  '<meta http-equiv="refresh" content="0; url=https://evil.example/">',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example/"><button>send</button></form>',
  '<math><mtext><table><mglyph><style><img src=x onerror="globalThis.hacked=12">',
  '<noscript><p title="</noscript><img src=x onerror=globalThis.hacked=13>">',
  '<details open ontoggle="globalThis.hacked=14"><summary>more</summary></details>',
  '<input autofocus onfocus="globalThis.hacked=15">',
  '<object data="data:text/html,<script>parent.hacked=16</script>"></object>',
  '<p id="app" name="getElementById">clobbers</p>',
  '`</code><script>globalThis.hacked=17</script>`',
  '```html\n<script>globalThis.hacked=18</script>\n```',
  '<xmp><script>globalThis.hacked=19</script></xmp>',
  '&lt;script&gt;globalThis.hacked=20&lt;/script&gt;'
]

const ALL = ATTACKS.join('\n\n')
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8" onload="parent.hacked=30"><script>parent.hacked=31</script><image href="https://evil.example/in.png"/><rect width="8" height="8"/></svg>`

describe('what a repository holds, in the dashboard', () => {
  let animals: Animals
  let dashboard: OpenDashboard
  let page: Page
  let address: string

  before(async function () {
    animals = await makeAnimals()
    const name = '<img src=x onerror="globalThis.hacked=40">'
    const run = await animals.tracking.startRun({
      ...ANIMALS,
      name,
      notes: ALL,
      tags: ['<script>globalThis.hacked=41</script>'],
      params: { [name]: ALL }
    })
    run.log({ [name]: 1 }, { step: 0 })
    run.log({ [name]: 2 }, { step: 1 })
    run.text(ALL)
    run.text('\u001b]8;;javascript:globalThis.hacked=42\u0007a link\u001b]8;;\u0007')
    run.row(name, { [name]: ALL, truth: name, prediction: name })
    run.value(
      name,
      {
        labels: [name, 'b'],
        matrix: [
          [1, 2],
          [3, 4]
        ]
      },
      { type: 'confusion-matrix' }
    )
    await run.artifact('page.html', `<!doctype html>${ALL}`)
    await run.artifact('picture.svg', SVG)
    await run.artifact('not-a-picture.png', `<html>${ALL}`)
    await run.artifact(
      'report.md',
      `${ALL}\n\n![svg](picture.svg)\n\n![up](../../../../etc/passwd)`
    )
    await run.artifact('table.csv', `a,b\n"=cmd|'/c calc'!A1","${name.replaceAll('"', '""')}"\n`)
    await run.artifact('data.json', JSON.stringify({ text: ALL }))
    await run.fail(Object.assign(new Error(ALL), { name: '<b>Bad</b>' }))
    address = run.address
    dashboard = await openDashboard(this, animals.source)
    page = dashboard.page
  })
  after(async () => {
    await dashboard?.close()
    await animals?.close()
  })

  /** Shows a part of the run, tries what can be clicked of its content, and looks for harm. */
  async function harmless(tab: string, shown: string): Promise<void> {
    await dashboard.go(`/run/${address}?${tab}`)
    await page.locator(shown).first().waitFor()
    await page.evaluate(
      "document.querySelectorAll('.markdown a').forEach((a) => a.href || a.click())"
    )
    const found = await page.evaluate(`(() => {
      const main = document.querySelector('#main')
      const all = [...main.querySelectorAll('*')]
      return {
        hacked: globalThis.hacked,
        active: main.querySelectorAll('script, iframe, object, embed, base, meta, link, style, form[action], video').length,
        handlers: all.filter((e) => [...e.attributes].some(({ name }) => name.startsWith('on'))).length,
        links: all.filter((e) => e.localName === 'a' && /^\\s*(javascript|data|vbscript):/i.test(e.getAttribute('href') ?? '')).length,
        styled: main.querySelectorAll('.markdown [style], .markdown [class]:not(table), .markdown [id]').length,
        apps: document.querySelectorAll('#app').length
      }
    })()`)
    expect(found, tab).to.deep.equal({
      hacked: undefined,
      active: 0,
      handlers: 0,
      links: 0,
      styled: 0,
      apps: 1
    })
  }

  for (const [title, tab, shown] of [
    ['names, notes, tags and parameters', 'tab=overview', '.run-side .markdown:not([hidden])'],
    ['results', 'tab=results', '.confusion-table'],
    ['logs', 'tab=log', '.log-line'],
    ['HTML', 'tab=files&file=page.html', '.preview-text'],
    ['SVG', 'tab=files&file=picture.svg', 'img.preview-image'],
    ['pictures that are none', 'tab=files&file=not-a-picture.png', '.preview p'],
    ['Markdown', 'tab=files&file=report.md', '.preview .markdown:not([hidden])'],
    ['tables', 'tab=files&file=table.csv', '.preview-table'],
    ['JSON', 'tab=files&file=data.json', '.preview-text'],
    ['code', 'tab=code', '.recipe'],
    ['history', 'tab=history', '.plain-table']
  ] as const) {
    it(`can do nothing by ${title}`, () => harmless(tab, shown))
  }

  it('can do nothing by what is compared', async () => {
    const runs = encodeURIComponent(`${animals.first},${address}`)
    for (const tab of ['fields', 'charts', 'scatter', 'rows']) {
      await dashboard.go(`/compare/lab/animals?runs=${runs}&tab=${tab}`)
      await page.locator('.tab-panel .card, .tab-panel .state').first().waitFor()
    }
    expect(await page.evaluate('globalThis.hacked')).to.equal(undefined)
  })

  it('gives links no way back, and asks no other server', async () => {
    await dashboard.go(`/run/${animals.second}`)
    await animals.workspace.runs.update(animals.second, { notes: '[out](https://example.org/)' })
    const link = page.locator('.markdown a', { hasText: 'out' })
    await link.waitFor()
    expect(await link.getAttribute('rel')).to.equal('noopener noreferrer nofollow')
    // The sanitiser reads text in a document of its own, in which the policy forbids the same things.
    const others = dashboard.complaints.filter((text) => !text.includes('Content Security Policy'))
    expect(others).to.deep.equal([])
  })

  it('would be stopped by the policy, too', async () => {
    const refused = await page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective))
      const image = document.createElement('div')
      image.innerHTML = '<img src="data:," onerror="globalThis.hacked = 50">'
      document.body.append(image)
    })`)
    expect(refused).to.match(/^script-src/)
    expect(await page.evaluate('globalThis.hacked')).to.equal(undefined)
  })
})
