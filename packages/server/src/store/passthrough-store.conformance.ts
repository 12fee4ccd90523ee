/** What every backend of the passthrough's record and rules must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOON } from './event-store-fixture.conformance.ts'
import type { CallEnd, CallQuery, StartedCall } from './passthrough-audit-store.ts'
import type { Store } from './store.ts'

const CALL: StartedCall = {
  appId: 'app_1',
  keyId: 'key_1',
  method: 'POST',
  path: '/v1/customers',
  account: null,
  idempotencyKey: 'tbp_1',
  startedAt: NOON,
}
const END: CallEnd = {
  outcome: 'answered',
  status: 200,
  error: null,
  stripeRequestId: 'req_1',
  endedAt: NOON + 80,
  bytesSent: 20,
  bytesReceived: 900,
}
const ALL: CallQuery = {
  appId: null,
  keyId: null,
  method: null,
  pathStart: null,
  outcome: null,
  startedFrom: null,
  startedBefore: null,
  before: null,
  limit: 10,
}

export function passthroughStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the passthrough's record on ${backend}`, () => {
    let store: Store
    let audit: Store['passthroughAudit']
    beforeEach(async () => {
      store = await openStore()
      audit = store.passthroughAudit
    })
    afterEach(() => store.close())

    const add = (call: StartedCall, end: CallEnd) => audit.addAll([{ ...call, ...end }])
    const paths = async (query: Partial<CallQuery>) =>
      (await audit.list({ ...ALL, ...query })).map(({ path }) => path)

    test('a call is written down before it is sent, and has an unknown outcome until its end is noted', async () => {
      const number = await audit.begin(CALL)
      const open = { ...CALL, number, outcome: 'unknown', endedAt: null, status: null }
      expect(await audit.list(ALL)).toMatchObject([open])
      await audit.end(number, END)
      expect(await audit.list(ALL)).toEqual([{ ...CALL, ...END, number }])
    })

    test('an end is noted once', async () => {
      const number = await audit.begin(CALL)
      await audit.end(number, END)
      await audit.end(number, { ...END, outcome: 'unknown', status: null })
      expect(await audit.list(ALL)).toMatchObject([{ outcome: 'answered', status: 200 }])
    })

    test('calls are found by app, key, method, path, outcome and time, the newest first', async () => {
      await add(CALL, END)
      await add({ ...CALL, method: 'GET', path: '/v1/customers/cus_1' }, END)
      await add(
        { ...CALL, keyId: 'key_2', path: '/v1/payouts', startedAt: NOON + 5 },
        { ...END, outcome: 'refused', status: 403, error: 'stripe_call_refused', stripeRequestId: null },
      )
      await add({ ...CALL, appId: 'app_2', path: '/v1/refunds' }, END)
      expect(await paths({})).toEqual(['/v1/refunds', '/v1/payouts', '/v1/customers/cus_1', '/v1/customers'])
      expect(await paths({ appId: 'app_2' })).toEqual(['/v1/refunds'])
      expect(await paths({ keyId: 'key_2' })).toEqual(['/v1/payouts'])
      expect(await paths({ method: 'GET' })).toEqual(['/v1/customers/cus_1'])
      expect(await paths({ pathStart: '/v1/customers' })).toEqual(['/v1/customers/cus_1', '/v1/customers'])
      expect(await paths({ pathStart: 'customers' })).toEqual([])
      expect(await paths({ outcome: 'refused' })).toEqual(['/v1/payouts'])
      expect(await paths({ outcome: 'answered', appId: 'app_2' })).toEqual(['/v1/refunds'])
      expect(await paths({ startedFrom: NOON + 1 })).toEqual(['/v1/payouts'])
      expect(await paths({ startedBefore: NOON })).toEqual([])
    })

    test('a page continues before the last number', async () => {
      await audit.addAll([1, 2, 3].map((n) => ({ ...CALL, ...END, path: `/v1/charges/ch_${n}` })))
      const [first] = await audit.list({ ...ALL, limit: 1 })
      expect(first?.path).toBe('/v1/charges/ch_3')
      expect(await paths({ before: first?.number ?? 0 })).toEqual(['/v1/charges/ch_2', '/v1/charges/ch_1'])
    })

    test('old calls are dropped, so many at once', async () => {
      for (const n of [0, 1, 2, 3]) await add({ ...CALL, startedAt: NOON + n }, END)
      expect(await audit.sweep(NOON + 3, 2)).toBe(2)
      expect(await audit.sweep(NOON + 3, 2)).toBe(1)
      expect(await audit.sweep(NOON + 3, 2)).toBe(0)
      expect(await audit.list(ALL)).toMatchObject([{ startedAt: NOON + 3 }])
    })

    test('the rules of a key are kept in their order, replaced and taken away', async () => {
      const { passthroughRules: rules } = store
      expect(await rules.get('hash_1')).toBeNull()
      const given = {
        keyHash: 'hash_1',
        appId: 'app_1',
        rules: ['default', '!POST /v1/payouts'],
        changedAt: NOON,
      }
      await rules.put(given)
      expect(await rules.get('hash_1')).toEqual(given)
      await rules.put({ ...given, rules: ['GET /v1/customers*'], changedAt: NOON + 1 })
      expect(await rules.get('hash_1')).toMatchObject({ rules: ['GET /v1/customers*'], changedAt: NOON + 1 })
      expect(await rules.get('hash_2')).toBeNull()
      await rules.remove('hash_1')
      expect(await rules.get('hash_1')).toBeNull()
    })
  })
}
