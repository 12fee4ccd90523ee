/** Group commit, with the moments of commit in the test's hand. */
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { createGroupCommit, type GroupCommit } from './group-commit.ts'

let database: DatabaseSync
let commits: GroupCommit
let sizes: number[]
let turns: (() => void)[]
let timers: (() => void)[]

beforeEach(() => {
  database = new DatabaseSync(':memory:')
  database.exec(
    'CREATE TABLE things (name TEXT PRIMARY KEY, parent TEXT REFERENCES things DEFERRABLE INITIALLY DEFERRED)',
  )
  sizes = []
  turns = []
  timers = []
  commits = createGroupCommit(database, {
    mostPerCommit: 4,
    soon: (run) => turns.push(run),
    later: (run) => timers.push(run),
    onCommit: (writes) => sizes.push(writes),
  })
})

const insert =
  (name: string, parent: string | null = null) =>
  () => {
    database.prepare('INSERT INTO things VALUES (?, ?)').run(name, parent)
    return name
  }
const names = () =>
  database
    .prepare('SELECT name FROM things ORDER BY name')
    .all()
    .map(({ name }) => name)
const nextTurn = () => turns.shift()?.()

test('writes that arrive in one turn share a commit, and learn of it only afterwards', async () => {
  const settled: string[] = []
  const writes = ['a', 'b', 'c'].map((name) => commits.enqueue(insert(name)).then((it) => settled.push(it)))
  expect(turns).toHaveLength(1)
  expect(names()).toEqual([])
  nextTurn()
  expect(sizes).toEqual([3])
  await Promise.all(writes)
  expect(settled).toEqual(['a', 'b', 'c'])
  expect(names()).toEqual(['a', 'b', 'c'])
})

test('two waves, the second while the first waits, are one commit', async () => {
  const first = commits.enqueue(insert('a'))
  await Promise.resolve()
  const second = commits.enqueue(insert('b'))
  nextTurn()
  expect(await Promise.all([first, second])).toEqual(['a', 'b'])
  expect(sizes).toEqual([2])
})

test('a long queue is cut, so that no commit holds up the process for long', async () => {
  const writes = Array.from({ length: 9 }, (_, index) => commits.enqueue(insert(`n${index}`)))
  while (turns.length > 0) nextTurn()
  await Promise.all(writes)
  expect(sizes).toEqual([4, 4, 1])
})

describe('a write that can wait', () => {
  test('joins the next commit', async () => {
    const patient = commits.enqueue(insert('patient'), { canWait: true })
    expect(turns).toHaveLength(0)
    const other = commits.enqueue(insert('other'))
    nextTurn()
    await Promise.all([patient, other])
    expect(sizes).toEqual([2])
  })

  test('goes by itself after a moment', async () => {
    const patient = commits.enqueue(insert('patient'), { canWait: true })
    expect(timers).toHaveLength(1)
    timers.shift()?.()
    expect(await patient).toBe('patient')
  })

  test('waits no longer once there is enough for a full commit', () => {
    for (const name of ['a', 'b', 'c', 'd']) void commits.enqueue(insert(name), { canWait: true })
    expect(turns).toHaveLength(1)
  })
})

test('a write that fails by itself does not sink its neighbours', async () => {
  const writes = [insert('a'), insert('a'), insert('b')].map((write) => commits.enqueue(write))
  nextTurn()
  const results = await Promise.allSettled(writes)
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(names()).toEqual(['a', 'b'])
})

test('a write of several statements that fails in the middle leaves nothing behind', async () => {
  const half = () => {
    insert('half')()
    throw new Error('and no further')
  }
  const writes = [commits.enqueue(half), commits.enqueue(insert('whole'))]
  nextTurn()
  const [first] = await Promise.allSettled(writes)
  expect(first).toMatchObject({ status: 'rejected', reason: { message: 'and no further' } })
  expect(names()).toEqual(['whole'])
})

test('a commit that fails rejects all of its writes and keeps none', async () => {
  // A deferred foreign key is checked by COMMIT itself.
  const writes = [insert('a'), insert('b', 'nobody')].map((write) => commits.enqueue(write))
  nextTurn()
  const results = await Promise.allSettled(writes)
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } })
  }
  expect(names()).toEqual([])
  expect(sizes).toEqual([])
  const next = commits.enqueue(insert('c'))
  nextTurn()
  expect(await next).toBe('c')
})

test('a full disk rejects everyone with store_unavailable, and the next commit works again', async () => {
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
  database.exec(`PRAGMA max_page_count = ${pages}`)
  const big = () => insert('x'.repeat(100_000))()
  const writes = [commits.enqueue(insert('small')), commits.enqueue(big)]
  nextTurn()
  const results = await Promise.allSettled(writes)
  expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual([
    expect.objectContaining({ code: 'store_unavailable', message: expect.stringMatching(/disk is full/) }),
    expect.objectContaining({ code: 'store_unavailable' }),
  ])
  database.exec('PRAGMA max_page_count = 100000')
  const again = commits.enqueue(big)
  nextTurn()
  await again
})

test('onCommitted runs after the commit, in order, before anyone is told', async () => {
  const story: string[] = []
  const writes = ['a', 'b'].map((name) =>
    commits
      .enqueue(insert(name), { onCommitted: (it) => story.push(`committed ${it}, stored ${names().length}`) })
      .then((it) => story.push(`told ${it}`)),
  )
  nextTurn()
  await Promise.all(writes)
  expect(story).toEqual(['committed a, stored 2', 'committed b, stored 2', 'told a', 'told b'])
})

test('closing writes the queue and takes no more', async () => {
  const writes = Array.from({ length: 6 }, (_, index) =>
    commits.enqueue(insert(`n${index}`), { canWait: true }),
  )
  await commits.close()
  await Promise.all(writes)
  expect(names()).toHaveLength(6)
  await expect(commits.enqueue(insert('late'))).rejects.toMatchObject({ code: 'shutting_down' })
})
