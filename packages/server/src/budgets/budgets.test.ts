import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { ServiceError } from '../errors.ts'
import { createBudgets } from './create-budgets.ts'
import type { Holder } from './holder.ts'
import { createOpenBudget } from './open-budget.ts'
import { createPace } from './pace.ts'

const holder = (address: string, key: string | null = 'key', appId: string | null = 'app'): Holder => ({
  address,
  key,
  appId,
})
const NO_LIMIT = { address: null, key: null, app: null }

test('what is open never exceeds a limit, and all of it comes back', () => {
  const step = fc.record({
    address: fc.constantFrom('1.1.1.1', '1.1.1.2', '2001:db8::1', '2001:db8::2'),
    key: fc.constantFrom('a', 'b', null),
    app: fc.constantFrom('x', 'y'),
    weight: fc.integer({ min: 1, max: 3 }),
    closes: fc.nat(20),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const budget = createOpenBudget({ address: 5, key: 8, app: 10 })
      const open: { address: string; key: string | null; app: string; weight: number; leave(): void }[] = []
      for (const { closes, ...it } of steps) {
        const place = budget.take(holder(it.address, it.key, it.app), it.weight)
        if (typeof place !== 'string') open.push({ ...it, leave: place })
        const sum = (fits: (each: (typeof open)[number]) => boolean) =>
          open.filter(fits).reduce((all, { weight }) => all + weight, 0)
        expect(sum(({ address }) => address === it.address)).toBeLessThanOrEqual(5)
        expect(sum(({ key }) => it.key !== null && key === it.key)).toBeLessThanOrEqual(8)
        expect(sum(({ app }) => app === it.app)).toBeLessThanOrEqual(10)
        const [gone] = open.splice(closes, 1)
        // Told twice, it gives back once.
        gone?.leave()
        gone?.leave()
      }
      for (const { leave } of open) leave()
      expect(budget.size).toBe(0)
    }),
  )
})

test('one /64 of IPv6 is one address', () => {
  const budget = createOpenBudget({ ...NO_LIMIT, address: 1 })
  expect(budget.take(holder('2001:db8::1'))).toBeTypeOf('function')
  expect(budget.take(holder('2001:db8::ffff'))).toBe('address')
  expect(budget.take(holder('2001:db8:0:1::1'))).toBeTypeOf('function')
})

test('a pace lets so many through at once, then as many as time brings back', () => {
  let now = 0
  const pace = createPace({ limits: { ...NO_LIMIT, address: { count: 10, overMs: 1_000 } }, now: () => now })
  const let10 = () =>
    Array.from({ length: 20 }, () => pace.take(holder('1.1.1.1'))).filter((it) => it === null)
  expect(let10()).toHaveLength(10)
  expect(pace.take(holder('1.1.1.1'))).toEqual({ scope: 'address', waitMs: 100 })
  expect(pace.take(holder('1.1.1.2'))).toBeNull()
  now = 500
  expect(let10()).toHaveLength(5)
  now = 60_000
  expect(let10()).toHaveLength(10)
})

test('who must wait for the one is not counted for the other', () => {
  const limits = { address: { count: 1, overMs: 1_000 }, key: { count: 2, overMs: 1_000 }, app: null }
  const pace = createPace({ limits, now: () => 0 })
  expect(pace.take(holder('1.1.1.1'))).toBeNull()
  for (let again = 0; again < 10; again++) expect(pace.take(holder('1.1.1.1'))?.scope).toBe('address')
  expect(pace.take(holder('1.1.1.2'))).toBeNull()
  expect(pace.take(holder('1.1.1.3'))?.scope).toBe('key')
})

test('the memory of a pace is bounded, whoever comes', () => {
  const pace = createPace({
    limits: { ...NO_LIMIT, address: { count: 1, overMs: 1_000 } },
    now: () => 0,
    mostEntries: 100,
  })
  for (let number = 0; number < 10_000; number++) pace.take(holder(`10.0.${number >> 8}.${number & 255}`))
  expect(pace.size).toBe(100)
})

test('every refusal says whose limit it is, and when to come back', () => {
  const budgets = createBudgets(
    readConfig({
      MAX_STREAMS_PER_ADDRESS: '1',
      MAX_SUBSCRIPTION_MEGABYTES_PER_ADDRESS: '1',
      CLIENT_READS_PER_ADDRESS: '1 in 10s',
    }),
    () => 0,
  )
  const me = holder('1.1.1.1')
  const refusal = (act: () => unknown) => {
    try {
      act()
    } catch (error) {
      return error instanceof ServiceError ? error : null
    }
    return null
  }
  const leave = budgets.openStream(me)
  expect(refusal(() => budgets.openStream(me))).toMatchObject({
    code: 'too_many_streams',
    details: { scope: 'address' },
    retryAfterSeconds: 10,
  })
  leave()
  budgets.openStream(me)()
  expect(refusal(() => budgets.subscribe(me, 100_000))).toMatchObject({ code: 'too_many_subscriptions' })
  budgets.read(me)
  expect(refusal(() => budgets.read(me))).toMatchObject({
    code: 'too_many_requests',
    retryAfterSeconds: 10,
  })
})
