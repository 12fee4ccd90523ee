import fc from 'fast-check'
import { expect, test } from 'vitest'
import { store } from '../../../../test/support/an-event.ts'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { createFollowLog, type StartingPoint } from './follow-log.ts'
import { createHub } from './hub.ts'
import { readSelector } from './listen-request.ts'
import { createLogReader } from './log-reader.ts'

const step = fc.oneof(
  fc.record({ kind: fc.constant('store' as const), chargeId: fc.constantFrom('ch_a', 'ch_b') }),
  fc.record({ kind: fc.constant('join' as const), who: fc.nat(2) }),
  fc.record({ kind: fc.constant('leave' as const), who: fc.nat(2) }),
)

/** Each of the three readers, with what it must have heard at the end. */
const readers = [
  { selector: "id = 'ch_a'", first: { kind: 'recent' } },
  { selector: "id = 'ch_a'", first: { kind: 'after', position: 0 } },
  { selector: null, first: { kind: 'after', position: 0 } },
] as const satisfies readonly { selector: string | null; first: StartingPoint }[]

test('a reader that joins and leaves at any moment hears each matching event once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 25 }), async (scheduler, steps) => {
      const { events } = createMemoryStore()
      const time = createManualTime()
      // The scheduler decides in which order everything that waits goes on.
      const slow = {
        lastPosition: scheduler.scheduleFunction(events.lastPosition),
        readAfter: scheduler.scheduleFunction(events.readAfter),
        find: scheduler.scheduleFunction(events.find),
      }
      const hub = createHub({ log: silentLog })
      const reader = createLogReader({
        nextTurn: () => scheduler.schedule(Promise.resolve()),
        events: { ...slow, lastPosition: events.lastPosition },
        hub,
        timers: time.timers,
        log: silentLog,
      })
      await reader.start()
      const follow = createFollowLog({
        nextTurn: () => scheduler.schedule(Promise.resolve()),
        events: slow,
        hub,
        head: reader.head,
        clock: time,
        recentEventsMs: 300_000,
      })

      const heard: number[][] = readers.map(() => [])
      const open = readers.map(() => null as (() => void) | null)
      const join = (who: number) => {
        const one = readers[who]
        const mine = heard[who]
        if (one === undefined || mine === undefined || open[who] !== null) return
        const last = mine.at(-1)
        const { close } = follow(
          {
            appId: 'app_1',
            request: readSelector(one.selector, null),
            deliver: ({ position }) => mine.push(position),
            ready: () => scheduler.schedule(Promise.resolve()),
            failed: (error) => {
              throw error
            },
          },
          last === undefined ? one.first : { kind: 'after', position: last },
        )
        open[who] = close
      }

      for (const it of steps) {
        if (it.kind === 'join') join(it.who)
        else if (it.kind === 'leave') {
          open[it.who]?.()
          open[it.who] = null
        } else {
          await store(events, { chargeId: it.chargeId, receivedAt: time.now() })
          reader.wake()
        }
        if (scheduler.count() > 0) await scheduler.waitOne()
      }
      for (const who of readers.keys()) join(who)
      reader.wake()
      await scheduler.waitIdle()

      const log = await events.readAfter(0, 1_000)
      const charges = log.filter(({ id }) => id === 'ch_a').map(({ position }) => position)
      expect(heard).toEqual([charges, charges, log.map(({ position }) => position)])
      await reader.close()
    }),
    { numRuns: 300 },
  )
})
