import { expect } from 'chai'
import { stampFieldOf } from '../../src/format/merge-policy.ts'
import { git } from '../support/git.ts'
import { collect, failure, fillWorkspace, refsOf, WORKSPACE_HOSTS } from '../support/workspaces.ts'
import { givenOf, KIND_CASES, serviceOf } from './kinds.ts'

for (const host of WORKSPACE_HOSTS) {
  for (const kindCase of KIND_CASES) {
    const { kind, address, id, changes } = kindCase
    const { id: _, ...plainFields } = kindCase.fields

    describe(`objects of kind ${kind} ${host.name}`, () => {
      // Fields that make sense together only bear one stamp.
      const stampField = (field: string): string => stampFieldOf(kind, field)
      const test = (
        name: string,
        body: (context: {
          readonly opened: ReturnType<typeof host.open>
          readonly service: ReturnType<typeof serviceOf>
        }) => Promise<void>
      ): void => {
        it(name, async () => {
          const opened = host.open()
          await fillWorkspace(opened)
          await body({ opened, service: serviceOf(opened.workspace, kind) })
          await opened.close()
        })
      }

      test('are created, and read by their address as they were given', async (context) => {
        const made = await context.service.create(givenOf(kindCase))
        expect(made).to.include({ kind, address, id })
        expect(made.fields).to.deep.include(plainFields)
        const read = await context.service.get(address)
        expect(read).to.deep.equal(made)
        expect(await context.service.exists(address)).to.equal(true)
        const anew = serviceOf(context.opened.reopen().workspace, kind)
        expect(await anew.get(address)).to.deep.equal(made)
      })

      test('are absent until they are made', async ({ service }) => {
        expect(await service.get(address)).to.equal(undefined)
        expect(await service.exists(address)).to.equal(false)
        expect(await service.delete(address)).to.equal(false)
        expect(await failure(service.update(address, changes))).to.include({
          code: 'STORE_NOT_FOUND'
        })
        expect(await failure(collect(service.history(address)))).to.include({
          code: 'STORE_NOT_FOUND'
        })
        expect(await failure(service.restore(address))).to.include({ code: 'STORE_NOT_FOUND' })
      })

      test('are not created twice', async ({ opened, service }) => {
        await service.create(givenOf(kindCase))
        const before = await refsOf(opened, kind === 'project' ? 'speech' : 'vision')
        const error = await failure(service.create(givenOf(kindCase)))
        expect(error).to.include({ code: 'STORE_EXISTS' })
        expect(error.data).to.include({ kind, address })
        expect(await refsOf(opened, kind === 'project' ? 'speech' : 'vision')).to.deep.equal(before)
      })

      test('are put whether or not they are there, and keep other fields', async ({ service }) => {
        const first = await service.put(givenOf(kindCase))
        const second = await service.put({ ...changes, ...identity(kindCase) })
        expect(second.address).to.equal(first.address)
        expect(second.commitOid).not.to.equal(first.commitOid)
        const { params: _, ...others } = plainFields
        expect(second.fields).to.deep.include({ ...others, ...withoutParams(changes) })
        const again = await service.put({ ...changes, ...identity(kindCase) })
        expect(again.commitOid, 'a put of what is there').to.equal(second.commitOid)
      })

      test('are updated in the given fields only, which alone get stamps', async ({ service }) => {
        const before = await service.create(givenOf(kindCase))
        const after = await service.update(address, changes)
        expect(after.fields).to.deep.include(withoutParams(changes))
        for (const [field, value] of Object.entries(before.fields)) {
          if (field in changes || field === 'edits') continue
          expect(after.fields, field).to.deep.include({ [field]: value })
        }
        if (kind === 'execution') return
        const stamped = Object.keys(after.fields.edits ?? {}).map((path) => path.split('/')[0])
        expect(new Set(stamped)).to.deep.equal(new Set(Object.keys(changes).map(stampField)))
        expect(before.fields.edits).to.equal(undefined)
      })

      test('lose a field that is given as undefined', async ({ service }) => {
        const { removable } = kindCase
        if (removable === undefined) return
        await service.create(givenOf(kindCase))
        const after = await service.update(address, { [removable]: undefined })
        expect(after.fields).not.to.have.property(removable)
        expect(after.fields.edits).to.have.all.keys(stampField(removable))
        expect((await service.get(address))?.fields).not.to.have.property(removable)
      })

      test('keep fields that this program does not know', async ({ service }) => {
        await service.create({ ...givenOf(kindCase), laboratory: { room: 12 } })
        const after = await service.update(address, changes)
        expect(after.fields).to.deep.include({ laboratory: { room: 12 } })
      })

      test('are deleted, and are restored as they were', async ({ opened, service }) => {
        const made = await service.create(givenOf(kindCase))
        const { fields } = await service.update(address, changes)
        expect(await service.delete(address)).to.equal(true)
        expect(await service.get(address)).to.equal(undefined)
        expect(await service.exists(address)).to.equal(false)
        expect(ids(await collect(service.list(scope(kindCase))))).not.to.include(id)
        expect(await service.delete(address)).to.equal(false)
        const restored = await service.restore(address)
        expect(restored.fields).to.deep.equal(fields)
        expect(restored.address).to.equal(made.address)
        expect((await service.get(address))?.fields).to.deep.equal(fields)
        expect(await failure(service.restore(address))).to.include({ code: 'STORE_EXISTS' })
        expect(await opened.workspace.verify()).to.deep.include({ problems: [] })
      })

      test('are read as they were at a commit and at a tag', async ({ opened, service }) => {
        const first = await service.create(givenOf(kindCase))
        const second = await service.update(address, changes)
        const store = await opened.project(first.project)
        await store.repository.refs.update([{ ref: 'refs/tags/v1', value: first.commitOid }])
        for (const at of [first.commitOid, first.commitOid.slice(0, 10), 'v1']) {
          expect(await service.get(`${address}@${at}`), at).to.deep.equal(first)
          expect(await service.get(address, { at }), at).to.deep.equal(first)
          expect(await service.exists(`${address}@${at}`), at).to.equal(true)
        }
        expect(await service.get(`${address}@${second.commitOid}`)).to.deep.equal(second)
        expect(await failure(service.get(`${address}@v2`))).to.include({ code: 'STORE_REVISION' })
      })

      test('become again what they were at a commit', async ({ service }) => {
        const first = await service.create(givenOf(kindCase))
        await service.update(address, changes)
        const restored = await service.restore(address, { at: first.commitOid })
        const { edits: _edits, ...fields } = restored.fields
        expect(fields).to.deep.equal(first.fields)
        expect((await service.get(address))?.fields).to.deep.equal(restored.fields)
      })

      test('have a history, newest first, that outlives them', async ({ service }) => {
        const made = await service.create(givenOf(kindCase))
        const changed = await service.update(address, changes)
        const history = await collect(service.history(address))
        expect(history.slice(0, 2).map(({ commitOid }) => commitOid)).to.deep.equal([
          changed.commitOid,
          made.commitOid
        ])
        expect(history.map(({ operation }) => operation).slice(0, 2)).to.deep.equal([
          'update',
          'create'
        ])
        expect(history[0]?.author).to.deep.equal({ name: 'Ada', email: 'ada@example.org' })
        expect(history[0]?.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
        expect(history[0]?.subject).to.match(new RegExp(`^update ${kind}`))
        if (kind === 'project' || kind === 'experiment') return
        await service.delete(address)
        const after = await collect(service.history(address))
        expect(after.map(({ operation }) => operation)).to.deep.equal([
          'delete',
          'update',
          'create'
        ])
      })

      test('are listed in their place, and nowhere else', async ({ opened, service }) => {
        await opened.workspace.experiments.create({ name: 'other', in: 'vision' })
        await service.create(givenOf(kindCase))
        const expected = [id]
        if (kindCase.second !== undefined) {
          const { id: other } = await service.create({
            ...givenOf({ ...kindCase, fields: kindCase.second })
          })
          expected.push(other)
        }
        const listed = await collect(service.list(scope(kindCase)))
        expect(ids(listed)).to.include.members(expected)
        expect(new Set(listed.map(({ kind: each }) => each))).to.deep.equal(new Set([kind]))
        expect(ids(await collect(service.list()))).to.include.members(expected)
        const [first] = await collect(
          service.list({ ...scope(kindCase), filter: filterOf(kindCase) })
        )
        expect(first).to.include({ address })
        expect(
          await collect(service.list({ ...scope(kindCase), filter: { laboratory: 1 } }))
        ).to.deep.equal([])
        expect(await collect(service.list({ ...scope(kindCase), limit: 1 }))).to.have.length(1)
        expect(await collect(service.list({ ...scope(kindCase), limit: 0 }))).to.deep.equal([])
        if (kindCase.otherParent !== undefined) {
          expect(await collect(service.list({ in: kindCase.otherParent }))).to.deep.equal([])
        }
      })

      if (host.name === 'in a folder') {
        test('lie where plain git finds them', async ({ opened, service }) => {
          const made = await service.create(givenOf(kindCase))
          const text = git(opened.store.folderOf(made.project), ['show', kindCase.place])
          expect(text).to.match(new RegExp(`^schema: ${kind}/1\n`))
        })
      }
    })
  }
}

type Case = (typeof KIND_CASES)[number]

/** What tells the object of a case from its siblings. */
function identity(kindCase: Case): Readonly<Record<string, unknown>> {
  const { name, tree, id } = kindCase.fields
  return {
    ...(kindCase.in !== undefined && { in: kindCase.in }),
    ...(kindCase.named && { name }),
    ...(tree !== undefined && { tree }),
    ...(id !== undefined && { id })
  }
}

function scope(kindCase: Case): { readonly in?: string } {
  return kindCase.in === undefined ? {} : { in: kindCase.in }
}

function filterOf({ fields, kind }: Case): Record<string, never> {
  if (kind === 'run') return { 'params.optimizer.name': 'adam', tags: 'b' } as never
  const [field, value] = Object.entries(fields)[0] as [string, never]
  return { [field]: value }
}

/** Of maps only the members given are changed, so they are compared apart. */
function withoutParams(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { params: _, ...others } = fields
  return others
}

function ids(objects: readonly { readonly id: string }[]): readonly string[] {
  return objects.map(({ id }) => id)
}
