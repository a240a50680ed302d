import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'

import { decodeUtf8 } from '../../src/base/bytes.ts'
import { RUN_RECORDS } from '../../src/query/index/indexed-records.ts'
import { refreshIndex } from '../../src/query/index/refresh.ts'
import { RunIndex } from '../../src/query/index/run-index.ts'
import { writeOwner } from '../../src/store/journal-folder.ts'
import { formatPoints, quoteName } from '../../src/store/journal-points.ts'
import type { View } from '../../src/store/view.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { listRefs, makeRemoteHost } from '../support/remotes.ts'
import { type Member, makeEmptyOrigin, openMember, statuses } from '../support/team.ts'
import { EXECUTION, failure, fillWorkspace, RUN } from '../support/workspaces.ts'

const TRAIN = 'refs/heads/experiments/train'
const RUN_PATH = `experiments/train/runs/${RUN[0]}/${RUN[1]}/${RUN}/run.yaml`

describe('verify and repair', () => {
  let folder: string
  let origin: string
  let ada: Member

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    ada = openMember(makeRemoteHost())
    await fillWorkspace(ada)
    await ada.workspace.remotes.add('origin', origin)
  })
  afterEach(async () => {
    await ada.close()
    removeTempFolder(folder)
  })

  const gitHere = (...args: string[]): string => git(ada.repository, args).trim()
  const verify = async (repair = false, opened = ada) => {
    // Another process would have nothing of it in memory.
    const other = opened.reopen({ remotes: makeRemoteHost(), dangling: false })
    try {
      return await other.workspace.verify({ in: 'vision', repair })
    } finally {
      await other.workspace.close()
    }
  }
  const codes = (report: Awaited<ReturnType<typeof verify>>): string[] => [
    ...new Set(report.problems.map(({ code }) => code))
  ]
  const damagedHere = (): string[] => {
    const place = `${ada.repository}/runtree/damaged`
    return existsSync(place) ? readdirSync(place, { recursive: true, encoding: 'utf8' }) : []
  }
  const packPaths = (): string[] => {
    const place = `${ada.repository}/objects/pack`
    const packs = readdirSync(place).filter((name) => name.endsWith('.pack'))
    return packs.map((name) => `${place}/${name.replace(/\.pack$/, '')}`)
  }
  /** Makes each object a file of its own. */
  const unpackAll = (): void => {
    for (const path of packPaths()) {
      const bytes = readFileSync(`${path}.pack`)
      for (const ending of ['.pack', '.idx']) unlinkSync(path + ending)
      git(ada.repository, ['unpack-objects', '-q'], { input: bytes })
    }
  }
  /** Overwrites a file that may not be written. */
  const change = (path: string, edit: (bytes: Buffer) => Buffer): void => {
    chmodSync(path, 0o644)
    writeFileSync(path, edit(readFileSync(path)))
  }
  const flip = (path: string, at: (length: number) => number): void =>
    change(path, (bytes) => {
      const place = at(bytes.length)
      bytes[place] = (bytes[place] as number) ^ 0x41
      return bytes
    })
  const expectMended = async (): Promise<void> => {
    const repaired = await verify(true)
    expect(repaired.problems).to.not.have.length(0)
    for (const problem of repaired.problems) expect(problem).to.include({ isMended: true })
    expect((await verify()).problems).to.deep.equal([])
    expect(fsck(ada.repository)).to.equal('')
    const other = ada.reopen({ dangling: false })
    expect((await other.workspace.runs.get(`vision/train/${RUN}`))?.fields.params).to.deep.equal({
      k: 5
    })
    await other.workspace.close()
  }

  it('finds nothing wrong with what is well, and says what was not pushed', async () => {
    const before = await verify()
    expect(before.problems).to.deep.equal([])
    expect(before.notes.map(({ kind, where }) => `${kind} ${where}`)).to.deep.equal([
      'unsynced refs/heads/main',
      `unsynced ${TRAIN}`
    ])
    await ada.workspace.push()
    const after = await verify(true)
    expect([after.problems, after.notes]).to.deep.equal([[], []])
    expect(damagedHere()).to.deep.equal([])
  })

  describe('objects', () => {
    beforeEach(async () => {
      await ada.workspace.push()
    })

    it('fetches a file that is missing from a remote', async () => {
      unpackAll()
      const oid = gitHere('rev-parse', `${TRAIN}:${RUN_PATH}`)
      unlinkSync(`${ada.repository}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`)
      const found = await verify()
      expect(codes(found)).to.deep.equal(['GIT_OBJECT_MISSING'])
      expect(found.problems[0]).to.include({ repair: 'fetch', project: 'vision' })
      expect(found.problems[0]?.where).to.include(RUN)
      await expectMended()
    })

    it('gets loose objects anew that are damaged, and keeps the damaged ones', async () => {
      unpackAll()
      const names = ['', ':experiments', `:${RUN_PATH}`].map((path) =>
        gitHere('rev-parse', TRAIN + path)
      )
      for (const oid of names) {
        flip(`${ada.repository}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`, (n) => n >> 1)
      }
      expect(codes(await verify())).to.include('GIT_OBJECT_DAMAGED')
      await expectMended()
      expect(damagedHere()).to.have.members(names)
    })

    for (const [title, damage] of [
      ['with a changed bit', (path: string) => flip(path, (length) => length >> 1)],
      ['that was cut short', (path: string) => truncateSync(path, readFileSync(path).length - 60)],
      ['of zeros', (path: string) => change(path, (bytes) => Buffer.alloc(bytes.length))]
    ] as const) {
      it(`saves what is sound of a pack ${title}, and fetches the rest`, async () => {
        await ada.workspace.gc()
        const [path = ''] = packPaths()
        chmodSync(`${path}.pack`, 0o644)
        damage(`${path}.pack`)
        const bytes = readFileSync(`${path}.pack`)
        expect(codes(await verify())).to.include('GIT_PACK_DAMAGED')
        await expectMended()
        const name = damagedHere().find((each) => each.endsWith('.pack'))
        expect(readFileSync(`${ada.repository}/runtree/damaged/${name}`).equals(bytes)).to.equal(
          true
        )
      })
    }

    for (const [title, damage] of [
      ['is gone', (path: string) => unlinkSync(path)],
      ['is garbage', (path: string) => writeFileSync(path, 'garbage')],
      ['names other objects', (path: string) => flip(path, () => 8 + 1024 + 5)]
    ] as const) {
      it(`makes the index of a pack anew that ${title}, without a remote`, async () => {
        await ada.workspace.remotes.remove('origin')
        await ada.workspace.gc()
        const path = `${packPaths()[0]}.idx`
        chmodSync(path, 0o644)
        damage(path)
        const found = await verify()
        expect(found.problems.some(({ repair }) => repair === 'remake')).to.equal(true)
        await expectMended()
        expect(damagedHere()).to.deep.equal([])
      })
    }

    for (const [title, damageIndex] of [
      ['is gone', (path: string) => unlinkSync(path)],
      ['has another byte', (path: string) => flip(path, () => 8 + 1024 + 5)],
      ['is of zeros', (path: string) => change(path, (bytes) => Buffer.alloc(bytes.length))]
    ] as const) {
      it(`saves what is sound of a damaged pack whose index ${title}, without a remote`, async () => {
        const notes = 'the only copy '.repeat(40)
        for (let k = 0; k < 12; k++) {
          await ada.workspace.runs.create({ in: 'vision/train', notes: notes + k })
        }
        await ada.workspace.push()
        await ada.workspace.gc()
        const [path = ''] = packPaths()
        const oids = git(ada.repository, ['cat-file', '--batch-all-objects', '--batch-check'])
          .trim()
          .split('\n')
          .map((line) => line.slice(0, 40))
        for (const ending of ['.pack', '.idx']) chmodSync(path + ending, 0o644)
        // On what stands last few deltas build, if any.
        flip(`${path}.pack`, (length) => length - 30)
        const bytes = readFileSync(`${path}.pack`)
        damageIndex(`${path}.idx`)
        await ada.workspace.remotes.remove('origin')
        await verify(true)
        const left = new Set(
          git(ada.repository, ['cat-file', '--batch-all-objects', '--batch-check'])
            .split('\n')
            .map((line) => line.slice(0, 40))
        )
        expect(oids.filter((oid) => !left.has(oid))).to.have.length.within(1, 2)
        const name = damagedHere().find((each) => each.endsWith('.pack'))
        expect(readFileSync(`${ada.repository}/runtree/damaged/${name}`).equals(bytes)).to.equal(
          true
        )
        await ada.workspace.remotes.add('origin', origin)
        await verify(true)
        expect((await verify()).problems).to.deep.equal([])
      })
    }

    it('leaves a pack alone that a killed process put there or took away by half', async () => {
      await ada.workspace.gc()
      const [path = ''] = packPaths()
      const left = path.replace(/pack-.*/, `pack-${'0'.repeat(40)}.pack`)
      copyFileSync(`${path}.pack`, left)
      expect((await verify()).problems).to.deep.equal([])
      const old = new Date(Date.now() - 2 * 86_400_000)
      utimesSync(left, old, old)
      const { problems, notes } = await verify()
      expect(problems).to.deep.equal([])
      expect(notes).to.deep.include.members([
        {
          project: 'vision',
          where: left,
          kind: 'leftover',
          message: 'A program that is gone left this file behind.',
          repair: 'remove'
        }
      ])
      await ada.workspace.gc()
      expect(existsSync(left)).to.equal(false)
      expect((await verify()).problems).to.deep.equal([])
    })

    it('keeps a pack that has lost its index, though it is old', async () => {
      await ada.workspace.remotes.remove('origin')
      await ada.workspace.gc()
      const [path = ''] = packPaths()
      const old = new Date(Date.now() - 2 * 86_400_000)
      utimesSync(`${path}.pack`, old, old)
      unlinkSync(`${path}.idx`)
      expect((await verify()).notes.filter(({ repair }) => repair === 'remove')).to.deep.equal([])
      await expectMended()
    })

    for (const [title, withIndex] of [
      ['a pack with its index', true],
      ['a pack alone', false]
    ] as const) {
      it(`looks for what is missing among what was moved aside: ${title}, with a ref that is damaged`, async () => {
        await ada.workspace.remotes.remove('origin')
        const head = gitHere('rev-parse', TRAIN)
        await ada.workspace.gc()
        const [path = ''] = packPaths()
        const aside = `${ada.repository}/runtree/damaged`
        mkdirSync(aside, { recursive: true })
        renameSync(`${path}.pack`, `${aside}/pack-${'1'.repeat(40)}.pack`)
        if (withIndex) renameSync(`${path}.idx`, `${aside}/pack-${'1'.repeat(40)}.idx`)
        else unlinkSync(`${path}.idx`)
        const place = `${ada.repository}/${TRAIN}`
        mkdirSync(place.slice(0, place.lastIndexOf('/')), { recursive: true })
        writeFileSync(place, '')
        await expectMended()
        expect(listRefs(ada.repository)[TRAIN]).to.equal(head)
        expect(damagedHere()).to.include(`pack-${'1'.repeat(40)}.pack`)
      })
    }

    it('looks for what is missing among loose files that were moved aside', async () => {
      await ada.workspace.remotes.remove('origin')
      unpackAll()
      const oid = gitHere('rev-parse', `${TRAIN}:${RUN_PATH}`)
      const aside = `${ada.repository}/runtree/damaged`
      mkdirSync(aside, { recursive: true })
      renameSync(`${ada.repository}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`, `${aside}/${oid}`)
      writeFileSync(`${aside}/${'2'.repeat(40)}`, 'what nobody can read')
      await expectMended()
      expect(damagedHere()).to.have.members([oid, '2'.repeat(40)])
    })

    it('saves a pack that is damaged in the middle before it goes aside, beside one of its name', async () => {
      await ada.workspace.remotes.remove('origin')
      await ada.workspace.gc()
      const [path = ''] = packPaths()
      const name = path.slice(path.lastIndexOf('/') + 1)
      const aside = `${ada.repository}/runtree/damaged`
      mkdirSync(aside, { recursive: true })
      for (const ending of ['.pack', '.idx']) writeFileSync(`${aside}/${name}${ending}`, 'earlier')
      flip(`${path}.pack`, (length) => length - 3)
      await expectMended()
      const kept = damagedHere().filter((each) => each.endsWith('.pack'))
      expect(kept).to.have.length(2)
      for (const each of kept) expect(each).to.match(/^pack-[0-9a-f]{40}(-\d+)?\.pack$/)
      expect(readFileSync(`${aside}/${name}.pack`, 'utf8')).to.equal('earlier')
    })

    for (const [title, intercept] of [
      ['gives objects by their names', () => false],
      [
        'knows nothing but versions 0 and 1 of the protocol',
        (request: IncomingMessage) => {
          delete request.headers['git-protocol']
          return false
        }
      ]
    ] as const) {
      it(`asks a web server that ${title}`, async () => {
        const server = await serveGitHttp(folder, { intercept })
        try {
          await ada.workspace.remotes.remove('origin')
          await ada.workspace.remotes.add('web', `${server.url}/origin.git`)
          await ada.workspace.pull({ remote: 'web' })
          await ada.workspace.runs.create({ in: 'vision/train', id: 'n0tpvshed000' })
          const before = listRefs(ada.repository)
          unpackAll()
          // One of them is nowhere else: the others come all the same.
          const names = [`${TRAIN}~:`, `${TRAIN}:${RUN_PATH}`, `${TRAIN}~:experiments`]
          const lost = `${TRAIN}:experiments/train/runs/n/0/n0tpvshed000/run.yaml`
          const bytes = git(ada.repository, ['cat-file', 'blob', lost])
          for (const oid of [...names, lost].map((name) => gitHere('rev-parse', name))) {
            unlinkSync(`${ada.repository}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`)
          }
          const report = await verify(true)
          expect(report.problems.filter(({ isMended }) => !isMended)).to.have.length(1)
          git(ada.repository, ['hash-object', '-w', '--stdin'], { input: bytes })
          expect((await verify()).problems).to.deep.equal([])
          expect(listRefs(ada.repository)).to.deep.equal(before)
        } finally {
          await server.close()
        }
      })
    }

    it('takes what a bundle has', async () => {
      await ada.workspace.remotes.remove('origin')
      git(origin, ['bundle', 'create', `${folder}/copy.bundle`, '--all'])
      await ada.workspace.remotes.add('copy', `${folder}/copy.bundle`)
      await ada.workspace.gc()
      const [path = ''] = packPaths()
      change(`${path}.pack`, (bytes) => Buffer.alloc(bytes.length))
      await expectMended()
    })

    it('says what is left when no remote has what is lost', async () => {
      await ada.workspace.runs.create({ in: 'vision/train', id: 'n0tpvshed000' })
      unpackAll()
      const name = `${TRAIN}:experiments/train/runs/n/0/n0tpvshed000/run.yaml`
      const bytes = git(ada.repository, ['cat-file', 'blob', name])
      const blob = gitHere('rev-parse', name)
      unlinkSync(`${ada.repository}/objects/${blob.slice(0, 2)}/${blob.slice(2)}`)
      const report = await verify(true)
      expect(report.problems).to.have.length(1)
      expect(report.problems[0]).to.include({ code: 'GIT_OBJECT_MISSING', isMended: false })
      git(ada.repository, ['hash-object', '-w', '--stdin'], { input: bytes })
      expect((await verify()).problems).to.deep.equal([])
    })

    it('tells which remote could not be asked', async () => {
      const oid = gitHere('rev-parse', `${TRAIN}:${RUN_PATH}`)
      const bytes = git(ada.repository, ['cat-file', 'blob', oid])
      unpackAll()
      unlinkSync(`${ada.repository}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`)
      await ada.workspace.remotes.add('gone', `${folder}/nowhere.git`)
      await ada.workspace.remotes.remove('origin')
      const { problems } = await verify(true)
      expect(problems.map(({ code, where, isMended }) => [code, where, isMended])).to.deep.include([
        'REMOTE_NOT_FOUND',
        'gone',
        false
      ])
      git(ada.repository, ['hash-object', '-w', '--stdin'], { input: bytes })
    })
  })

  describe('refs', () => {
    const breakRef = (ref: string, text: string): void => {
      gitHere('pack-refs', '--all')
      writeFileSync(`${ada.repository}/packed-refs`, withoutLine(ref))
      mkdirSync(`${ada.repository}/${ref.slice(0, ref.lastIndexOf('/'))}`, { recursive: true })
      writeFileSync(`${ada.repository}/${ref}`, text)
    }
    const withoutLine = (ref: string): string =>
      readFileSync(`${ada.repository}/packed-refs`, 'utf8')
        .split('\n')
        .filter((line) => !line.endsWith(` ${ref}`))
        .join('\n')

    for (const [title, text] of [
      ['zeros, as a power cut leaves them', '\0'.repeat(41)],
      ['nothing', ''],
      ['a commit that is not there', `${'5'.repeat(40)}\n`]
    ] as const) {
      it(`finds the newest commit of a branch whose ref holds ${title}`, async () => {
        const head = gitHere('rev-parse', TRAIN)
        breakRef(TRAIN, text)
        const found = await verify()
        expect(found.problems.map(({ where }) => where)).to.include(TRAIN)
        await expectMended()
        expect(listRefs(ada.repository)[TRAIN]).to.equal(head)
        const [kept = ''] = damagedHere().filter((name) => name.includes('train'))
        expect(readFileSync(`${ada.repository}/runtree/damaged/${kept}`, 'utf8')).to.equal(text)
      })
    }

    it('mends main, without which no project can be opened', async () => {
      const head = gitHere('rev-parse', 'refs/heads/main')
      breakRef('refs/heads/main', '')
      const other = ada.reopen({ dangling: false })
      expect((await failure(other.workspace.runs.get(`vision/train/${RUN}`))).code).to.equal(
        'GIT_REF_DAMAGED'
      )
      await other.workspace.close()
      await expectMended()
      expect(listRefs(ada.repository)['refs/heads/main']).to.equal(head)
    })

    it('takes what a remote has where nothing newer is here', async () => {
      await ada.workspace.push()
      const head = gitHere('rev-parse', TRAIN)
      breakRef(TRAIN, '\0'.repeat(41))
      await expectMended()
      expect(listRefs(ada.repository)[TRAIN]).to.equal(head)
    })

    it('finds the newest commit of a branch whose line in packed refs is broken', async () => {
      await ada.workspace.push()
      await ada.workspace.runs.create({ in: 'vision/train' })
      const head = gitHere('rev-parse', TRAIN)
      gitHere('pack-refs', '--all')
      const path = `${ada.repository}/packed-refs`
      const text = readFileSync(path, 'utf8').replace(`${head} `, `${head.slice(0, 30)} `)
      writeFileSync(path, text)
      // Nothing takes it for a branch that isn't there: what a remote has of it would take its place.
      expect(statuses(await ada.workspace.pull())).to.include({ 'experiments/train': 'damaged' })
      const found = await verify()
      expect(found.problems.map(({ where }) => where)).to.deep.equal([TRAIN])
      await expectMended()
      expect(listRefs(ada.repository)[TRAIN]).to.equal(head)
      const [kept = ''] = damagedHere()
      expect(readFileSync(`${ada.repository}/runtree/damaged/${kept}`, 'utf8')).to.equal(text)
    })

    it('finds the branches again if packed refs were given other ends of lines', async () => {
      gitHere('pack-refs', '--all')
      const before = listRefs(ada.repository)
      const path = `${ada.repository}/packed-refs`
      const text = readFileSync(path, 'utf8').replaceAll('\n', '\r\n')
      writeFileSync(path, text)
      expect((await verify()).problems.map(({ where }) => where)).to.include.members([
        'refs/heads/main',
        TRAIN
      ])
      await expectMended()
      expect(listRefs(ada.repository)).to.deep.equal(before)
    })

    it('finds the branches again that packed refs named, of which only zeros are left', async () => {
      await ada.workspace.experiments.create({ name: 'Other' })
      await ada.workspace.experiments.create({ name: 'Deleted' })
      await ada.workspace.delete('vision/deleted')
      const before = listRefs(ada.repository)
      gitHere('pack-refs', '--all')
      writeFileSync(`${ada.repository}/packed-refs`, new Uint8Array(1000))
      await expectMended()
      const branches = (refs: object) =>
        Object.fromEntries(Object.entries(refs).filter(([ref]) => ref.startsWith('refs/heads/')))
      // That it was deleted stood in packed refs, too.
      const after = branches(listRefs(ada.repository)) as Record<string, string>
      delete after['refs/heads/experiments/deleted']
      expect(after).to.deep.equal(branches(before))
    })

    it('finds main again if its ref is gone without a trace', async () => {
      const head = gitHere('rev-parse', 'refs/heads/main')
      gitHere('update-ref', '-d', 'refs/heads/main')
      expect(codes(await verify())).to.deep.equal(['STORE_NOT_A_PROJECT'])
      await expectMended()
      expect(listRefs(ada.repository)['refs/heads/main']).to.equal(head)
    })

    for (const [title, text] of [
      ['noise', 'noise'],
      ['nothing', '']
    ] as const) {
      it(`writes HEAD anew that holds ${title}, without which git sees no repository`, async () => {
        writeFileSync(`${ada.repository}/HEAD`, text)
        expect((await verify()).problems.map(({ where }) => where)).to.deep.equal(['HEAD'])
        await expectMended()
        const [kept = ''] = damagedHere()
        expect(readFileSync(`${ada.repository}/runtree/damaged/${kept}`, 'utf8')).to.equal(text)
      })
    }

    it('makes what a copy has left out anew: HEAD, the config, and empty folders', async () => {
      const before = listRefs(ada.repository)
      gitHere('pack-refs', '--all')
      rmSync(`${ada.repository}/refs`, { recursive: true })
      for (const name of ['HEAD', 'config']) unlinkSync(`${ada.repository}/${name}`)
      const found = await verify()
      expect(found.problems).to.have.length(1)
      expect(found.problems[0]).to.include({ code: 'GIT_NOT_A_REPOSITORY', repair: 'remake' })
      await expectMended()
      expect(listRefs(ada.repository)).to.deep.equal(before)
    })

    it('takes a broken line out of packed refs whose ref has a file beside it', async () => {
      const head = gitHere('rev-parse', TRAIN)
      gitHere('pack-refs', '--all')
      await ada.workspace.runs.create({ in: 'vision/train' })
      const path = `${ada.repository}/packed-refs`
      const text = readFileSync(path, 'utf8').replace(`${head} `, `${head.slice(0, 30)} `)
      writeFileSync(path, text)
      expect((await verify()).problems.map(({ where }) => where)).to.deep.equal(['packed-refs'])
      await expectMended()
      expect(gitHere('rev-parse', `${TRAIN}~`)).to.equal(head)
      const [kept = ''] = damagedHere()
      expect(readFileSync(`${ada.repository}/runtree/damaged/${kept}`, 'utf8')).to.equal(text)
    })

    it('leaves broken lines of packed refs out, and keeps the file', async () => {
      gitHere('pack-refs', '--all')
      const path = `${ada.repository}/packed-refs`
      const text = `${readFileSync(path, 'utf8')}garbage\n`
      writeFileSync(path, text)
      expect(codes(await verify())).to.deep.equal(['GIT_REF_DAMAGED'])
      await expectMended()
      const [kept = ''] = damagedHere()
      expect(readFileSync(`${ada.repository}/runtree/damaged/${kept}`, 'utf8')).to.equal(text)
    })
  })

  describe('records', () => {
    /** Commits a file with the git program, as a person might; without content, its removal. */
    const commitFile = (path: string, content: string | undefined, ref = TRAIN): void => {
      const env = { GIT_INDEX_FILE: `${folder}/index` }
      const run = (args: readonly string[], input = ''): string =>
        git(ada.repository, args, { env, input }).trim()
      run(['read-tree', ref])
      if (content === undefined) run(['rm', '-r', '-q', '--cached', path])
      else {
        const blob = run(['hash-object', '-w', '--stdin'], content)
        run(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`])
      }
      const commit = run(['commit-tree', '-p', ref, '-m', 'by hand', run(['write-tree'])])
      run(['update-ref', ref, commit])
    }
    const atHead = (path: string, ref = TRAIN): string =>
      git(ada.repository, ['show', `${ref}:${path}`])

    for (const [title, text, code] of [
      ['no YAML', 'status: [', 'FORMAT_YAML'],
      ['not of its schema', 'schema: run/1\nstatus: unheard\n', 'MODEL_INVALID'],
      ['of another kind', 'schema: dataset/1\n', 'FORMAT_SCHEMA']
    ] as const) {
      it(`moves a record aside that is ${title}, and puts the last good one in its place`, async () => {
        const good = atHead(RUN_PATH)
        commitFile(RUN_PATH, text)
        expect(codes(await verify())).to.deep.equal([code])
        await expectMended()
        expect(atHead(RUN_PATH)).to.equal(good)
        expect(atHead(`damaged/${RUN_PATH}`)).to.equal(text)
      })
    }

    it('keeps each of several, and one that never was good is moved away', async () => {
      const path = `experiments/train/runs/${RUN[0]}/${RUN[1]}/${RUN}/splits/one.yaml`
      commitFile(path, 'broken: [')
      await expectMended()
      expect(atHead(`damaged/${path}`)).to.equal('broken: [')
      commitFile(path, 'broken: again [')
      await expectMended()
      expect(atHead(`damaged/${path}~2`)).to.equal('broken: again [')
      expect(atHead(`damaged/${path}`)).to.equal('broken: [')
    })

    it('mends the record of a project', async () => {
      const good = atHead('project.yaml', 'refs/heads/main')
      commitFile('project.yaml', 'x', 'refs/heads/main')
      await expectMended()
      expect(atHead('project.yaml', 'refs/heads/main')).to.equal(good)
    })

    it('leaves what a newer version wrote as it is', async () => {
      commitFile(RUN_PATH, 'schema: run/2\n')
      const { problems } = await verify(true)
      expect(problems).to.have.length(1)
      expect(problems[0]).to.include({ code: 'MODEL_SCHEMA_TOO_NEW', isMended: false })
      expect(problems[0]).to.not.have.property('repair')
      expect(atHead(RUN_PATH)).to.equal('schema: run/2\n')
    })

    it('puts an execution back that a run needs', async () => {
      const place = `experiments/train/executions/${EXECUTION.slice(0, 2)}/${EXECUTION}`
      const good = atHead(`${place}/execution.yaml`)
      commitFile(place, undefined)
      expect(codes(await verify())).to.deep.equal(['STORE_REFERENCE'])
      await expectMended()
      expect(atHead(`${place}/execution.yaml`)).to.equal(good)
    })

    it('names what has no record and needs none', async () => {
      await ada.workspace.runs.update(`vision/train/${RUN}`, { datasets: { 'Some Data': {} } })
      const report = await verify()
      expect(report.problems).to.deep.equal([])
      expect(report.notes.find(({ kind }) => kind === 'reference')?.message).to.include('Some Data')
    })
  })

  describe('the rest', () => {
    const age = (path: string): void => utimesSync(path, 1, 1)
    const point = (step: number): string =>
      decodeUtf8(formatPoints([quoteName('loss')], { loss: step }, step, 1e12 + step))

    it('makes caches anew', async () => {
      const cache = `${ada.repository}/runtree/cache`
      mkdirSync(`${cache}/runs/train`, { recursive: true })
      writeFileSync(`${cache}/changed-paths`, 'garbage')
      writeFileSync(`${cache}/runs/train/0123456789abcdef.idx`, 'garbage')
      const found = await verify()
      expect(found.problems.map(({ code, repair }) => [code, repair])).to.deep.equal([
        ['STORE_CACHE_DAMAGED', 'remake'],
        ['STORE_CACHE_DAMAGED', 'remake']
      ])
      await expectMended()
      expect(readdirSync(`${cache}/runs/train`)).to.deep.equal([])
    })

    it('compares an index of runs with the runs', async () => {
      const store = await ada.project()
      const view = (await store.view(TRAIN)) as View
      const index = new RunIndex()
      await refreshIndex(index, view, 'train', RUN_RECORDS)
      const place = `${ada.repository}/runtree/cache/runs/train`
      mkdirSync(place, { recursive: true })
      const write = (): void => {
        const subject = { experiment: 'train', kind: 'run' } as const
        writeFileSync(`${place}/0.idx`, index.format(subject, ada.platform.hash))
      }
      write()
      expect((await verify()).problems).to.deep.equal([])
      const tree = gitHere('rev-parse', `${TRAIN}:${RUN_PATH.replace('/run.yaml', '')}`)
      index.put(RUN, tree, { status: 'running', params: { k: 6 } })
      write()
      const [problem] = (await verify()).problems
      expect(problem).to.include({ code: 'STORE_CACHE_DAMAGED', where: `${place}/0.idx` })
      await expectMended()
    })

    it('removes files of programs that are gone', async () => {
      const path = `${ada.repository}/objects/pack/tmp_pack_left`
      writeFileSync(path, 'half')
      const young = `${ada.repository}/objects/pack/tmp_pack_young`
      writeFileSync(young, 'half')
      age(path)
      const { problems, notes } = await verify()
      expect(problems).to.deep.equal([])
      expect(notes.filter(({ kind }) => kind === 'leftover')).to.deep.equal([
        {
          project: 'vision',
          where: path,
          kind: 'leftover',
          message: 'A program that is gone left this file behind.',
          repair: 'remove'
        }
      ])
      await verify(true)
      expect([existsSync(path), existsSync(young)]).to.deep.equal([false, true])
      unlinkSync(young)
    })

    it('moves content aside that has changed', async () => {
      const name = 'a'.repeat(64)
      const place = `${ada.repository}/lfs/objects/aa/aa`
      mkdirSync(place, { recursive: true })
      writeFileSync(`${place}/${name}`, 'other')
      expect(codes(await verify())).to.deep.equal(['STORE_CONTENT_DAMAGED'])
      await expectMended()
      expect(readFileSync(`${ada.repository}/runtree/damaged/${name}`, 'utf8')).to.equal('other')
    })

    it('recovers a journal whose owner’s name was lost, and keeps what can’t be read of it', async () => {
      const place = `${ada.repository}/runtree/journal/train/${RUN}/abc123`
      mkdirSync(place, { recursive: true })
      const lines = [0, 1].map((step) => point(step))
      const entries = `${lines[0]}{"log": broken\n${lines[1]}`
      writeFileSync(`${place}/entries`, entries)
      writeFileSync(`${place}/owner`, '\0\0\0')
      age(`${place}/owner`)
      expect(codes(await verify())).to.deep.equal(['STORE_JOURNAL_DAMAGED'])
      await expectMended()
      const other = ada.reopen({ dangling: false })
      const run = await other.workspace.runs.get(`vision/train/${RUN}`)
      expect(run?.fields.metrics?.loss).to.include({ count: 2, last: 1 })
      await other.workspace.close()
      const kept = damagedHere().find((name) => name.endsWith('/entries'))
      expect(readFileSync(`${ada.repository}/runtree/damaged/${kept}`, 'utf8')).to.equal(entries)
    })

    it('tells of rows that are in no commit yet, and commits those of the dead', async () => {
      const place = `${ada.repository}/runtree/journal/train/${RUN}/abc123`
      const owner = {
        process: { ...ada.platform.processes.self, started: 'earlier' },
        createdMs: 1e12
      }
      await writeOwner(ada.files, place, { ...owner, attached: false })
      writeFileSync(`${place}/entries`, point(0))
      const { problems, notes } = await verify()
      expect(problems).to.deep.equal([])
      expect(notes.find(({ kind }) => kind === 'journal')).to.include({ repair: 'recover' })
      const repaired = await verify(true)
      expect(repaired.notes.filter(({ kind }) => kind === 'journal')).to.deep.equal([])
      const other = ada.reopen({ dangling: false })
      const run = await other.workspace.runs.get(`vision/train/${RUN}`)
      expect(run?.fields.metrics?.loss).to.include({ count: 1 })
      await other.workspace.close()
    })
  })
})
