import { openPage } from '../support/chromium.ts'
import { MANNERS } from './walk/manners.ts'
import { openScene, type Scene, WAY_NAMES } from './walk/scene.ts'
import { walkQuestions } from './walk/walk.ts'

describe('somebody who has never seen Runtree', function () {
  this.timeout(600_000)
  let scene: Scene

  before(async function () {
    scene = await openScene(this)
  })

  after(() => scene?.close())

  for (const way of WAY_NAMES) {
    for (const [index, project] of ['the quickstart study', '5,000 runs'].entries()) {
      it(`finds every answer in ${project}, by ${way}`, async () => {
        const place = scene.places[index]
        if (place === undefined) throw new TypeError('there is no such place')
        const context = await scene.browser.newContext({ acceptDownloads: true })
        context.setDefaultTimeout(60_000)
        try {
          const page = await openPage(context, place.addresses[way])
          await walkQuestions(page, place.facts, MANNERS[way])
        } finally {
          await context.close()
        }
      })
    }
  }
})
