/** The passthrough's record of calls and its rules in memory. */
import type { CallQuery, PassthroughAuditStore, StripeCall } from '../passthrough-audit-store.ts'
import { OPEN_CALL } from '../passthrough-audit-store.ts'
import type { KeyRules, PassthroughRuleStore } from '../passthrough-rule-store.ts'
import type { MemoryAuditTrail } from './memory-audit-trail-store.ts'

export function createMemoryPassthroughAuditStore(): PassthroughAuditStore {
  /** In the order of their numbers. */
  const calls = new Map<number, StripeCall>()
  let last = 0

  return {
    async begin(call) {
      last += 1
      calls.set(last, { ...call, ...OPEN_CALL, number: last })
      return last
    },
    async end(number, end) {
      const call = calls.get(number)
      if (call !== undefined && call.endedAt === null) calls.set(number, { ...call, ...end })
    },
    async addAll(finished) {
      for (const call of finished) {
        last += 1
        calls.set(last, { ...call, number: last })
      }
    },
    list: async (query) =>
      [...calls.values()]
        .filter((call) => fits(call, query))
        .reverse()
        .slice(0, query.limit),
    async sweep(startedBefore, most) {
      const old = [...calls.values()].slice(0, most).filter((call) => call.startedAt < startedBefore)
      for (const { number } of old) calls.delete(number)
      return old.length
    },
  }
}

function fits(call: StripeCall, query: CallQuery): boolean {
  return (
    (query.appId === null || call.appId === query.appId) &&
    (query.keyId === null || call.keyId === query.keyId) &&
    (query.method === null || call.method === query.method) &&
    (query.pathStart === null || call.path.startsWith(query.pathStart)) &&
    (query.outcome === null || call.outcome === query.outcome) &&
    (query.startedFrom === null || call.startedAt >= query.startedFrom) &&
    (query.startedBefore === null || call.startedAt < query.startedBefore) &&
    (query.before === null || call.number < query.before)
  )
}

export function createMemoryPassthroughRuleStore(
  audit: Pick<MemoryAuditTrail, 'append'>,
): PassthroughRuleStore {
  const byKey = new Map<string, KeyRules>()
  return {
    get: async (keyHash) => byKey.get(keyHash) ?? null,
    async put(rules, entry) {
      byKey.set(rules.keyHash, rules)
      audit.append(entry)
    },
    async remove(keyHash, entry) {
      byKey.delete(keyHash)
      audit.append(entry)
    },
  }
}
