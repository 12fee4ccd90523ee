/** What every backend of the audit trail must do; run by each backend's own test. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { undecidedSettings } from './app-store.ts'
import type { AuditEntry, AuditQuery } from './audit-trail-store.ts'
import { NOON } from './event-store-fixture.conformance.ts'
import type { Store } from './store.ts'

const ENTRY: AuditEntry = {
  at: NOON,
  appId: 'app_1',
  actor: { kind: 'server_key', id: 'key_1' },
  address: '203.0.113.9',
  action: 'server_key.created',
  target: 'key_2',
  details: { name: 'the report', scopes: ['read'] },
}
const ALL: AuditQuery = {
  appId: null,
  action: null,
  actorKind: null,
  actorId: null,
  target: null,
  from: null,
  until: null,
  before: null,
  limit: 10,
}

export function auditTrailStoreConformance(backend: string, openStore: () => Store | Promise<Store>): void {
  describe(`the audit trail on ${backend}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await openStore()
    })
    afterEach(() => store.close())

    const numbered = (entries: readonly AuditEntry[]) =>
      entries.map((entry) => ({ ...entry, number: expect.any(Number) }))

    test('rows come back as they were written, the newest first', async () => {
      const byStart: AuditEntry = {
        ...ENTRY,
        appId: null,
        actor: { kind: 'tollbridge', id: null },
        address: null,
        action: 'operator_key.created',
        target: 'opk_1',
        details: {},
      }
      await store.auditTrail.add(ENTRY)
      await store.auditTrail.add(byStart)
      expect(await store.auditTrail.list(ALL)).toEqual(numbered([byStart, ENTRY]))
    })

    test('each question leaves out what it does not fit, and a page goes on where the last ended', async () => {
      const entries: AuditEntry[] = [
        ENTRY,
        { ...ENTRY, at: NOON + 1, appId: 'app_2' },
        { ...ENTRY, at: NOON + 2, action: 'brake.changed', target: null },
        { ...ENTRY, at: NOON + 3, actor: { kind: 'operator', id: 'opk_1' }, target: 'key_3' },
      ]
      for (const entry of entries) await store.auditTrail.add(entry)
      const times = async (query: Partial<AuditQuery>) =>
        (await store.auditTrail.list({ ...ALL, ...query })).map(({ at }) => at - NOON)
      expect(await times({ appId: 'app_1' })).toEqual([3, 2, 0])
      expect(await times({ action: 'brake.changed' })).toEqual([2])
      expect(await times({ actorKind: 'operator' })).toEqual([3])
      expect(await times({ actorId: 'key_1' })).toEqual([2, 1, 0])
      expect(await times({ target: 'key_2' })).toEqual([1, 0])
      expect(await times({ from: NOON + 1, until: NOON + 3 })).toEqual([2, 1])
      const [, last] = await store.auditTrail.list({ ...ALL, limit: 2 })
      expect(await times({ before: last?.number ?? 0 })).toEqual([1, 0])
    })

    test('old rows are swept, so many at once', async () => {
      for (const at of [1, 2, 3, 4]) await store.auditTrail.add({ ...ENTRY, at })
      expect(await store.auditTrail.sweep(4, 2)).toBe(2)
      expect(await store.auditTrail.sweep(4, 2)).toBe(1)
      expect((await store.auditTrail.list(ALL)).map(({ at }) => at)).toEqual([4])
    })

    test('a change and its row are one: with each write of keys, secrets, prices, brake and rules', async () => {
      const app = {
        ...undecidedSettings,
        appId: 'app_1',
        mode: 'test',
        origin: 'admin',
        clientKeys: ['tbc_1'],
        serverKeys: [],
        createdAt: NOON,
      } as const
      const policy = {
        appId: 'app_1',
        policy: 'open',
        currencies: null,
        allowOpen: false,
        allowClientCapture: false,
        updatedAt: NOON,
      } as const
      const quoteKey = { keyId: 'qk_1', appId: 'app_1', createdAt: NOON, retiresAt: null } as const
      const rules = { keyHash: 'hash', appId: 'app_1', rules: ['default'], changedAt: NOON }
      const brake = { appId: 'app_1', isOn: true, reason: null, changedAt: NOON }
      const secret = { appId: 'app_1', name: 'x', value: 'y', note: null, createdAt: 1, validUntil: null }
      const writes: ((entry: AuditEntry) => Promise<unknown>)[] = [
        (it) => store.apps.insert(app, it),
        (it) => store.apps.update('app_1', { name: 'x' }, it),
        (it) => store.apps.changeKeys('app_1', { kind: 'add_client_key', key: 'tbc_2' }, it),
        (it) => store.apps.addOperatorKey('hash-a', 1, it),
        (it) => store.apps.removeOperatorKey('hash-a', it),
        (it) => store.secrets.apply([{ kind: 'put', secret }], it),
        (it) => store.prices.putPolicy(policy, it),
        (it) => store.prices.addQuoteKey(quoteKey, NOON, it),
        (it) => store.guard.setBrake(brake, it),
        (it) => store.passthroughRules.put(rules, it),
        (it) => store.passthroughRules.remove('hash', it),
      ]
      for (const [at, write] of writes.entries()) await write({ ...ENTRY, at })
      const seen = (await store.auditTrail.list({ ...ALL, limit: 100 })).map(({ at }) => at)
      expect(seen.reverse()).toEqual([...writes.keys()])
    })

    test('a change that fails leaves no row', async () => {
      await expect(store.apps.update('app_9', { name: 'x' }, ENTRY)).rejects.toThrow(/app_9/)
      expect(await store.auditTrail.list(ALL)).toEqual([])
    })
  })
}
