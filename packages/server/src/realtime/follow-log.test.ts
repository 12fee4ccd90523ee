import { describe, expect, test } from 'vitest'
import { type EventWishes, store } from '../../../../test/support/an-event.ts'
import { eventually } from '../../../../test/support/eventually.ts'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { createFollowLog, type StartingPoint } from './follow-log.ts'
import { createHub } from './hub.ts'
import { readSelector } from './listen-request.ts'
import { createLogReader } from './log-reader.ts'

const RECENT: StartingPoint = { kind: 'recent' }
const after = (position: number): StartingPoint => ({ kind: 'after', position })

async function setUp({ recentEventsMs = 300_000 } = {}) {
  const { events } = createMemoryStore()
  const time = createManualTime()
  const hub = createHub({ log: silentLog })
  const reader = createLogReader({ events, hub, timers: time.timers, log: silentLog })
  await reader.start()
  const broken = { readAfter: events.readAfter, lastPosition: events.lastPosition, find: events.find }
  const follow = createFollowLog({ events: broken, hub, head: reader.head, clock: time, recentEventsMs })

  const add = async (...wishes: EventWishes[]) => {
    for (const wish of wishes) await store(events, { receivedAt: time.now(), ...wish })
    const last = await events.lastPosition()
    reader.wake()
    await eventually(() => reader.head() >= last)
  }
  const listen = (
    selector: string | null,
    start: StartingPoint,
    ready: () => Promise<void> | undefined = () => undefined,
  ) => {
    const heard: number[] = []
    const state = {
      heard,
      joinedAt: null as number | null,
      error: null as unknown,
      close: (): void => undefined,
    }
    const subscription = follow(
      {
        appId: 'app_1',
        request: readSelector(selector, null),
        deliver: ({ position }) => heard.push(position),
        ready,
        caughtUp: (position) => {
          state.joinedAt = position
        },
        failed: (error) => {
          state.error = error
        },
      },
      start,
    )
    state.close = subscription.close
    return state
  }
  const joined = (state: { joinedAt: number | null }) => eventually(() => state.joinedAt !== null)
  return { events, time, hub, reader, add, listen, joined, broken }
}

describe('a late subscriber', () => {
  test('gets the recent events of its transaction once, in order, and then the live ones', async () => {
    const { add, listen, joined } = await setUp()
    await add({ chargeId: 'ch_a', type: 'charge.pending' })
    await add({ chargeId: 'ch_b' })
    await add({ chargeId: 'ch_a' })
    const late = listen("id = 'ch_a'", RECENT)
    await joined(late)
    expect(late.heard).toEqual([1, 3])
    await add({ chargeId: 'ch_a', type: 'charge.refunded' })
    expect(late.heard).toEqual([1, 3, 4])
  })

  test('is offered only what its whole selector matches', async () => {
    const { add, listen, joined } = await setUp()
    await add({ chargeId: 'ch_a', type: 'charge.pending' })
    await add({ chargeId: 'ch_a', type: 'charge.succeeded' })
    const late = listen("id = 'ch_a' and type = 'charge.succeeded'", RECENT)
    await joined(late)
    expect(late.heard).toEqual([2])
  })

  test.each(["paymentIntentId = 'pi_a'", "orderId = 'order-1'", "id in ('ch_a', 'ch_z')"])(
    'may name the transaction as %s',
    async (selector) => {
      const { add, listen, joined } = await setUp()
      await add({ chargeId: 'ch_a', orderId: 'order-1' })
      const late = listen(selector, RECENT)
      await joined(late)
      expect(late.heard).toEqual([1])
    },
  )

  test('gets nothing older than the window', async () => {
    const { add, listen, joined, time } = await setUp()
    await add({ chargeId: 'ch_a' })
    time.advance(300_001)
    const late = listen("id = 'ch_a'", RECENT)
    await joined(late)
    expect(late.heard).toEqual([])
  })

  test('gets nothing from before when the window is 0, or when no transaction is named', async () => {
    const off = await setUp({ recentEventsMs: 0 })
    await off.add({ chargeId: 'ch_a' })
    const late = off.listen("id = 'ch_a'", RECENT)
    await off.joined(late)
    expect(late.heard).toEqual([])

    const on = await setUp()
    await on.add({ chargeId: 'ch_a' })
    const all = on.listen(null, RECENT)
    await on.joined(all)
    expect(all.heard).toEqual([])
  })

  test('gets nothing that does not concern the app', async () => {
    const { add, listen, joined } = await setUp()
    await add({ chargeId: 'ch_a', flag: 'wrong_mode' }, { chargeId: 'ch_a' })
    const late = listen("id = 'ch_a'", RECENT)
    await joined(late)
    await add({ chargeId: 'ch_a', flag: 'foreign_account' }, { chargeId: 'ch_a' })
    expect(late.heard).toEqual([2, 4])
  })

  test('gets nothing of another app', async () => {
    const { add, listen, joined } = await setUp()
    await add({ chargeId: 'ch_a', appId: 'app_2' })
    const late = listen("id = 'ch_a'", RECENT)
    await joined(late)
    await add({ chargeId: 'ch_a', appId: 'app_2' })
    expect(late.heard).toEqual([])
  })
})

describe('a reader that comes back', () => {
  test('continues after its position, however long ago, without a selector', async () => {
    const { add, listen, joined, time } = await setUp()
    await add(...Array.from({ length: 450 }, () => ({})))
    time.advance(7 * 86_400_000)
    const back = listen(null, after(3))
    await joined(back)
    expect(back.heard).toEqual(Array.from({ length: 447 }, (_, index) => index + 4))
  })

  test('is not shown what was flagged meanwhile', async () => {
    const { add, listen, joined } = await setUp()
    await add({ chargeId: 'ch_a' }, { chargeId: 'ch_a', flag: 'wrong_mode' }, { chargeId: 'ch_a' })
    const all = listen(null, after(0))
    const one = listen("id = 'ch_a'", after(0))
    await joined(all)
    await joined(one)
    expect([all.heard, one.heard]).toEqual([
      [1, 3],
      [1, 3],
    ])
  })

  test('continues after its position with a selector, and with more events than are looked up at once', async () => {
    const { add, listen, joined } = await setUp()
    await add(...Array.from({ length: 1_100 }, (_, n) => ({ chargeId: n % 100 === 0 ? 'ch_b' : 'ch_a' })))
    const [some, many] = [listen("id = 'ch_b'", after(101)), listen("id = 'ch_a'", after(2))]
    await joined(some)
    await joined(many)
    expect(some.heard).toEqual([201, 301, 401, 501, 601, 701, 801, 901, 1_001])
    expect(many.heard).toHaveLength(1_100 - 11 - 1)
    expect(many.heard).toEqual([...many.heard].sort((a, b) => a - b))
  })

  test('with a position that the log never reached still hears what comes now', async () => {
    const { add, listen, joined } = await setUp()
    await add({})
    const lost = listen(null, after(1_000_000))
    await joined(lost)
    await add({})
    expect(lost.heard).toEqual([2])
  })

  test('is not written to faster than it reads', async () => {
    const { add, listen, joined } = await setUp()
    await add({}, {}, {}, {}, {})
    let letOn: () => void = () => undefined
    const slow = listen(null, after(0), () => new Promise<void>((resolve) => (letOn = resolve)))
    await eventually(() => slow.heard.length === 1)
    expect(slow.joinedAt).toBeNull()
    for (let n = 2; n <= 5; n++) {
      letOn()
      await eventually(() => slow.heard.length === n)
    }
    letOn()
    await joined(slow)
    expect(slow.heard).toEqual([1, 2, 3, 4, 5])
  })
})

test('a reader that closes while its past is read hears nothing more', async () => {
  const { add, listen, hub } = await setUp()
  await add({}, {}, {}, {}, {})
  const gone = listen(null, after(0), () => Promise.resolve())
  gone.close()
  await add({})
  expect(gone.heard).toEqual([])
  expect(hub.size).toBe(0)
})

test('a store that cannot be read is told to the reader', async () => {
  const { add, listen, broken } = await setUp()
  await add({ chargeId: 'ch_a' })
  broken.find = async () => {
    throw new Error('the disk is gone')
  }
  const unlucky = listen("id = 'ch_a'", RECENT)
  await eventually(() => unlucky.error !== null)
  expect(unlucky.error).toMatchObject({ message: 'the disk is gone' })
})

test.each([
  ['the recent past', RECENT],
  ['a position', after(0)],
])('a selector that nothing can match reads no event from %s on', async (_from, start) => {
  const { add, listen, joined, broken, events } = await setUp()
  await add({ chargeId: 'ch_a' }, { chargeId: 'ch_b' })
  let reads = 0
  broken.readAfter = (...place) => {
    reads++
    return events.readAfter(...place)
  }
  broken.find = (query) => {
    reads++
    return events.find(query)
  }
  const listener = listen("id = 'ch_a' AND id = 'ch_b'", start)
  await joined(listener)
  expect({ reads, ...listener }).toMatchObject({ reads: 0, heard: [], joinedAt: 2 })
})

describe('a past of thousands of events', () => {
  const EVENTS = 5_000

  test.each([
    ['along the log', null, after(0)],
    ['of one transaction', "id = 'ch_busy'", RECENT],
  ] as const)(
    'is handed over in turns %s, so that others go on meanwhile',
    async (_what, selector, start) => {
      const { events, time, hub, reader } = await setUp()
      const past = await Promise.all(
        Array.from({ length: selector === null ? EVENTS : 900 }, () =>
          store(events, { chargeId: 'ch_busy', receivedAt: time.now() }),
        ),
      )
      reader.wake()
      await eventually(() => reader.head() === past.length)
      // The turns of the event loop are counted, not the clock: between two of them, everybody else has theirs.
      let turn = 0
      let isOver = false
      const count = () => {
        turn += 1
        if (!isOver) setImmediate(count)
      }
      setImmediate(count)
      const inTurn = new Map<number, number>()
      const follow = createFollowLog({ events, hub, head: reader.head, clock: time, recentEventsMs: 300_000 })
      await new Promise<void>((resolve, reject) => {
        follow(
          {
            appId: 'app_1',
            request: readSelector(selector, null),
            deliver: () => inTurn.set(turn, (inTurn.get(turn) ?? 0) + 1),
            ready: () => undefined,
            caughtUp: () => resolve(),
            failed: reject,
          },
          start,
        )
      })
      isOver = true
      const heard = [...inTurn.values()]
      expect(heard.reduce((sum, n) => sum + n, 0)).toBe(past.length)
      expect(Math.max(...heard)).toBeLessThanOrEqual(100)
    },
  )
})
