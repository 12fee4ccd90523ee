/** The slots against a plain list of times. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Allowance, type Slot, slotStart, tally, windowBegin } from './guard-window.ts'

const WINDOW = 600_000
const allowance = (limit: number): Allowance => ({
  kind: 'address',
  subject: 'a',
  attempts: limit,
  failures: null,
  windowMs: WINDOW,
})

/** Lets attempts at these times through, or not. */
function run(times: readonly number[], limit: number) {
  const slots = new Map<number, Slot>()
  const current = (now: number) => [...slots.values()].filter(({ start }) => start > windowBegin(now, WINDOW))
  const admitted: number[] = []
  const refused: { at: number; retryAt: number }[] = []
  for (const now of times) {
    const { exceeded } = tally(allowance(limit), current(now))
    if (exceeded !== null) {
      refused.push({ at: now, retryAt: exceeded.retryAt })
      continue
    }
    admitted.push(now)
    const start = slotStart(now, WINDOW)
    slots.set(start, { start, attempts: (slots.get(start)?.attempts ?? 0) + 1, failures: 0 })
  }
  return { admitted, refused, current }
}

const times = fc
  .array(fc.integer({ min: 0, max: 4 * WINDOW }), { maxLength: 200 })
  .map((list) => list.sort((a, b) => a - b))

test('no window of its length ever holds more than the limit', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 20 }), (at, limit) => {
      const { admitted } = run(at, limit)
      for (const end of admitted) {
        const within = admitted.filter((time) => time <= end && time > end - WINDOW)
        expect(within.length).toBeLessThanOrEqual(limit)
      }
    }),
  )
})

test('an attempt is refused only when the limit was reached within the window and a tenth', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 20 }), (at, limit) => {
      const { admitted, refused } = run(at, limit)
      for (const { at: time } of refused) {
        const recent = admitted.filter((other) => other <= time && other > time - WINDOW * 1.2)
        expect(recent.length).toBeGreaterThanOrEqual(limit)
      }
    }),
  )
})

test('who waits as long as told gets through, and not a millisecond earlier', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 20 }), (at, limit) => {
      const { refused, current } = run(at, limit)
      const last = refused.at(-1)
      if (last === undefined || last.at !== at.at(-1)) return
      expect(tally(allowance(limit), current(last.retryAt)).exceeded).toBeNull()
      expect(tally(allowance(limit), current(last.retryAt - 1)).exceeded).not.toBeNull()
      expect(last.retryAt).toBeGreaterThan(last.at)
    }),
  )
})
