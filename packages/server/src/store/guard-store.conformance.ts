/** What every backend of the charge guard must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GuardStore } from './guard-store.ts'
import type { Allowance } from './guard-window.ts'
import type { Store } from './store.ts'

const MINUTE = 60_000
const NOW = 1_790_000_000_000

const address = (overrides: Partial<Allowance> = {}): Allowance => ({
  kind: 'address',
  subject: 'one',
  attempts: 3,
  failures: 2,
  windowMs: 10 * MINUTE,
  ...overrides,
})
const order = (overrides: Partial<Allowance> = {}): Allowance =>
  address({ kind: 'order', attempts: 5, failures: null, ...overrides })

export function guardStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the charge guard on ${backend}`, () => {
    let store: Store
    let guard: GuardStore
    beforeEach(async () => {
      store = await openStore()
      guard = store.guard
    })
    afterEach(() => store.close())

    test('attempts are admitted up to the limit, however many come at once', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => guard.admit('app_1', [address()], NOW)),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'counted')).toHaveLength(3)
      expect(outcomes.at(-1)).toMatchObject({
        outcome: 'limited',
        exceeded: { kind: 'address', what: 'attempts', limit: 3 },
      })
    })

    test('an attempt that one limit refuses is counted against none', async () => {
      const both = [order(), address({ attempts: 1 })]
      await guard.admit('app_1', both, NOW)
      expect(await guard.admit('app_1', both, NOW)).toMatchObject({ exceeded: { kind: 'address' } })
      const { tallies } = await guard.standing('app_1', both, NOW)
      expect(tallies.map(({ attempts }) => attempts)).toEqual([1, 1])
    })

    test('failures use up their own limit', async () => {
      const failure = [{ allowance: address(), attempts: 0, failures: 1 }] as const
      expect(await guard.count('app_1', failure, NOW)).toMatchObject([{ failures: 1, exceeded: null }])
      expect(await guard.count('app_1', failure, NOW)).toMatchObject([
        { failures: 2, exceeded: { what: 'failures', limit: 2 } },
      ])
      expect(await guard.admit('app_1', [address()], NOW)).toMatchObject({
        outcome: 'limited',
        exceeded: { what: 'failures' },
      })
    })

    test('apps, kinds and subjects are counted apart', async () => {
      const one = address({ attempts: 1 })
      await guard.admit('app_1', [one], NOW)
      for (const [appId, other] of [
        ['app_2', one],
        ['app_1', { ...one, subject: 'two' }],
        ['app_1', { ...one, kind: 'order' as const }],
      ] as const) {
        expect(await guard.admit(appId, [other], NOW)).toEqual({ outcome: 'counted' })
      }
    })

    test('there is room again at the time that the refusal names', async () => {
      for (let i = 0; i < 3; i++) await guard.admit('app_1', [address()], NOW + i * MINUTE)
      const refused = await guard.admit('app_1', [address()], NOW + 5 * MINUTE)
      if (refused.outcome !== 'limited') throw new Error('It was admitted')
      const { retryAt } = refused.exceeded
      expect(await guard.admit('app_1', [address()], retryAt - 1)).toMatchObject({ outcome: 'limited' })
      expect(await guard.admit('app_1', [address()], retryAt)).toEqual({ outcome: 'counted' })
      expect(await guard.admit('app_1', [address()], retryAt)).toMatchObject({ outcome: 'limited' })
    })

    test('the brake stops everything until it is let go', async () => {
      expect(await guard.brake('app_1')).toBeNull()
      const brake = { appId: 'app_1', isOn: true, reason: 'Card testing', changedAt: NOW }
      await guard.setBrake(brake)
      expect(await guard.admit('app_1', [], NOW)).toEqual({ outcome: 'stopped', brake })
      expect(await guard.standing('app_1', [], NOW)).toMatchObject({ brake })
      expect(await guard.admit('app_2', [], NOW)).toEqual({ outcome: 'counted' })
      const off = { appId: 'app_1', isOn: false, reason: null, changedAt: NOW + 1 }
      await guard.setBrake(off)
      expect(await guard.brake('app_1')).toEqual(off)
      expect(await guard.standing('app_1', [], NOW)).toMatchObject({ brake: null })
      expect(await guard.admit('app_1', [], NOW)).toEqual({ outcome: 'counted' })
    })

    test('a card is blocked until the latest end that was set', async () => {
      await guard.blockCard('app_1', 'card', NOW + 1000)
      await guard.blockCard('app_1', 'card', NOW + 500)
      expect(await guard.blockedUntil('app_1', 'card', NOW + 999)).toBe(NOW + 1000)
      expect(await guard.blockedUntil('app_1', 'card', NOW + 1000)).toBeNull()
      expect(await guard.blockedUntil('app_1', 'other', NOW)).toBeNull()
      expect(await guard.blockedUntil('app_2', 'card', NOW)).toBeNull()
      expect(await guard.standing('app_1', [], NOW)).toMatchObject({ hasBlockedCards: true })
      expect(await guard.standing('app_1', [], NOW + 1000)).toMatchObject({ hasBlockedCards: false })
      expect(await guard.standing('app_2', [], NOW)).toMatchObject({ hasBlockedCards: false })
    })

    test('a watched payment is remembered as it was first made, until its time is over', async () => {
      const payment = {
        appId: 'app_1',
        paymentIntentId: 'pi_1',
        subjects: [{ kind: 'address' as const, subject: 'one' }],
        expiresAt: NOW + MINUTE,
      }
      await guard.watchPayment(payment)
      await guard.watchPayment({ ...payment, subjects: [] })
      expect(await guard.watchedPayment('app_1', 'pi_1', NOW)).toEqual(payment)
      expect(await guard.watchedPayment('app_1', 'pi_1', NOW + MINUTE)).toBeNull()
      expect(await guard.watchedPayment('app_2', 'pi_1', NOW)).toBeNull()
      expect(await guard.sweep(NOW + MINUTE - 1, 5)).toBe(0)
      expect(await guard.sweep(NOW + MINUTE, 5)).toBe(1)
    })

    test('rows are swept when they no longer count, and not before', async () => {
      for (const subject of ['a', 'b', 'c']) await guard.admit('app_1', [address({ subject })], NOW)
      await guard.blockCard('app_1', 'card', NOW + MINUTE)
      expect(await guard.sweep(NOW + MINUTE - 1, 10)).toBe(0)
      expect(await guard.sweep(NOW + 9 * MINUTE, 10)).toBe(1)
      expect(await guard.standing('app_1', [address({ subject: 'a' })], NOW)).toMatchObject({
        tallies: [{ attempts: 1 }],
      })
      expect(await guard.sweep(NOW + 12 * MINUTE, 2)).toBe(2)
      expect(await guard.sweep(NOW + 12 * MINUTE, 2)).toBe(1)
      expect(await guard.sweep(NOW + 12 * MINUTE, 2)).toBe(0)
    })
  })
}
