/** The guard's counters and the brake in memory. */
import type { Brake, GuardStore, WatchedPayment } from '../guard-store.ts'
import { type Allowance, type Slot, slotEnd, slotStart, tally, windowBegin } from '../guard-window.ts'
import type { MemoryAuditTrail } from './memory-audit-trail-store.ts'

export function createMemoryGuardStore(audit: Pick<MemoryAuditTrail, 'append'>): GuardStore {
  const brakes = new Map<string, Brake>()
  const counters = new Map<string, Map<number, Slot & { readonly expiresAt: number }>>()
  const blocks = new Map<string, number>()
  const watched = new Map<string, WatchedPayment>()
  const keyOf = (...parts: readonly string[]) => JSON.stringify(parts)

  const slotsOf = (appId: string, { kind, subject }: Allowance) => {
    const key = keyOf(appId, kind, subject)
    const slots = counters.get(key) ?? new Map<number, Slot & { readonly expiresAt: number }>()
    counters.set(key, slots)
    return slots
  }
  const tallyOf = (appId: string, allowance: Allowance, now: number) => {
    const begin = windowBegin(now, allowance.windowMs)
    return tally(
      allowance,
      [...slotsOf(appId, allowance).values()].filter(({ start }) => start > begin),
    )
  }
  const add = (appId: string, allowance: Allowance, attempts: number, failures: number, now: number) => {
    const start = slotStart(now, allowance.windowMs)
    const slots = slotsOf(appId, allowance)
    const before = slots.get(start)
    slots.set(start, {
      start,
      attempts: (before?.attempts ?? 0) + attempts,
      failures: (before?.failures ?? 0) + failures,
      expiresAt: slotEnd(start, allowance.windowMs),
    })
  }
  const brakeThatIsOn = (appId: string) => {
    const brake = brakes.get(appId)
    return brake?.isOn === true ? brake : null
  }

  return {
    brake: async (appId) => brakes.get(appId) ?? null,
    async setBrake(brake, entry) {
      brakes.set(brake.appId, brake)
      audit.append(entry)
    },
    standing: async (appId, allowances, now) => ({
      tallies: allowances.map((allowance) => tallyOf(appId, allowance, now)),
      brake: brakeThatIsOn(appId),
      hasBlockedCards: [...blocks].some(
        ([key, until]) => until > now && (JSON.parse(key) as string[])[0] === appId,
      ),
    }),
    async admit(appId, allowances, now) {
      const brake = brakeThatIsOn(appId)
      if (brake !== null) return { outcome: 'stopped', brake }
      for (const allowance of allowances) {
        const { exceeded } = tallyOf(appId, allowance, now)
        if (exceeded !== null) return { outcome: 'limited', exceeded }
      }
      for (const allowance of allowances) add(appId, allowance, 1, 0, now)
      return { outcome: 'counted' }
    },
    async count(appId, counts, now) {
      for (const { allowance, attempts, failures } of counts) add(appId, allowance, attempts, failures, now)
      return counts.map(({ allowance }) => tallyOf(appId, allowance, now))
    },
    async blockCard(appId, card, until) {
      const key = keyOf(appId, card)
      blocks.set(key, Math.max(until, blocks.get(key) ?? 0))
    },
    async blockedUntil(appId, card, now) {
      const until = blocks.get(keyOf(appId, card)) ?? 0
      return until > now ? until : null
    },
    async watchPayment(payment) {
      const key = keyOf(payment.appId, payment.paymentIntentId)
      watched.set(key, watched.get(key) ?? payment)
    },
    async watchedPayment(appId, paymentIntentId, now) {
      const payment = watched.get(keyOf(appId, paymentIntentId))
      return payment !== undefined && payment.expiresAt > now ? payment : null
    },
    async sweep(now, most) {
      let left = most
      for (const slots of counters.values()) {
        for (const [start, { expiresAt }] of slots) {
          if (left > 0 && expiresAt <= now && slots.delete(start)) left--
        }
      }
      for (const [key, until] of blocks) if (left > 0 && until <= now && blocks.delete(key)) left--
      for (const [key, { expiresAt }] of watched)
        if (left > 0 && expiresAt <= now && watched.delete(key)) left--
      return most - left
    },
  }
}
