/** The audit trail: every change of keys, secrets, prices, brake, activation and rules is a row, without its secret. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, serverKeyWith } from '../../support/api-client.ts'
import { adminClient, dataOf, type Json } from './admin-client.ts'
import { type AdminSetup, startAdmin } from './start-admin.ts'

let admin: AdminSetup
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.stop())

const rows = async (query = '', by = admin.operator) => dataOf(await by('GET', `/v1/admin/audit?${query}`))
const operatorActor = { kind: 'operator', id: expect.stringMatching(/^opk_[0-9a-f]{16}$/) }

test('the first start is in it: the app, its first key, and the operator key', async () => {
  expect(await rows('actor=tollbridge')).toMatchObject([
    { action: 'operator_key.created', app_id: null, address: null, target: expect.stringMatching(/^opk_/) },
    { action: 'app.created', app_id: admin.tollbridge.appId, actor: { kind: 'tollbridge', id: null } },
  ])
})

test('each change tells who, what and from where, newest first; and no row holds a secret', async () => {
  const { appId } = admin.tollbridge
  const app = `/v1/admin/apps/${appId}`
  const stripe = await admin.addStripe('audited')
  const rotated = await admin.operator('POST', `${app}/client_keys`)
  const [fresh] = rotated.body['client_keys'] as string[]
  const made = await admin.operator('POST', `${app}/server_keys`, { name: 'shop', scopes: ['read', 'admin'] })
  const keyId = String(made.body['id'])
  const byKey = adminClient(admin.tollbridge.url, String(made.body['server_key']))
  await byKey('POST', '/v1/admin/brake', { on: true, reason: 'a test' })
  await byKey('POST', '/v1/admin/price_policy', { policy: 'quote' })
  await byKey('POST', '/v1/admin/price_policy', { policy: 'open' })
  const quoteKey = await byKey('POST', '/v1/admin/quote_key', { overlap_seconds: 60 })
  const secret = await byKey('POST', '/v1/admin/signing_secrets', { signing_secret: 'whsec_auditedSecret1' })
  await byKey('POST', '/v1/admin/signing_secrets/roll', { signing_secret: 'whsec_auditedSecret2' })
  await byKey('DELETE', `/v1/admin/signing_secrets/${secret.body['id']}`)
  await byKey('POST', app, { name: 'Corner shop' })
  await byKey('POST', `${app}/server_keys/${keyId}`, { name: 'the shop' })
  await admin.operator('POST', `${app}/server_keys/${keyId}/passthrough`, { rules: ['GET /v1/customers*'] })
  await byKey('POST', '/v1/admin/forget', { customer: 'cus_none' })
  await byKey('POST', '/v1/admin/brake', { on: false })
  await byKey('DELETE', `${app}/client_keys/${fresh}`)
  await admin.operator('DELETE', `${app}/server_keys/${keyId}`)
  await admin.operator('POST', '/v1/admin/apps', { app_id: 'app_audited', mode: 'test' })
  await admin.activate(stripe, { app_id: 'app_audited' })
  await admin.operator('POST', '/v1/admin/apps/app_audited/disable')
  await admin.operator('POST', '/v1/admin/apps/app_audited/enable')

  const key = { kind: 'server_key', id: keyId }
  const seen = (await rows('limit=100')).filter(({ actor }) => (actor as Json)['kind'] !== 'tollbridge')
  expect(seen.every(({ address }) => /127\.0\.0\.1|::1/.test(String(address)))).toBe(true)
  const told = seen.map(({ action, actor, target }) => [action, actor, target]).reverse()
  expect(told).toEqual([
    ['client_key.created', operatorActor, fresh],
    ['server_key.created', operatorActor, keyId],
    ['brake.changed', key, null],
    ['price_policy.changed', key, null],
    ['price_policy.changed', key, null],
    ['quote_key.created', key, quoteKey.body['id']],
    ['signing_secret.added', key, secret.body['id']],
    ['signing_secret.rolled', key, expect.stringMatching(/^ss_/)],
    ['signing_secret.retired', key, secret.body['id']],
    ['app.changed', key, appId],
    ['server_key.changed', key, keyId],
    ['passthrough_rules.changed', operatorActor, keyId],
    ['customer.forgotten', key, 'cus_none'],
    ['brake.changed', key, null],
    ['client_key.retired', key, fresh],
    ['server_key.revoked', operatorActor, keyId],
    ['app.created', operatorActor, 'app_audited'],
    ['app.activated', operatorActor, 'app_audited'],
    ['app.activated', operatorActor, 'app_audited'],
    ['signing_secret.added', operatorActor, expect.stringMatching(/^ss_/)],
    ['app.activated', operatorActor, 'app_audited'],
    ['app.disabled', operatorActor, 'app_audited'],
    ['app.enabled', operatorActor, 'app_audited'],
  ])
  expect(await rows('action=brake.changed')).toMatchObject([
    { details: { on: false, reason: null } },
    { details: { on: true, reason: 'a test' } },
  ])
  const text = (await admin.operator('GET', '/v1/admin/audit?limit=100')).text
  for (const held of [
    made.body['server_key'],
    quoteKey.body['secret'],
    stripe.secretKey,
    'whsec_auditedSecret1',
    'whsec_auditedSecret2',
    admin.operatorKey,
  ]) {
    expect(text).not.toContain(String(held))
  }
})

test('what changes nothing is no row', async () => {
  const count = async () => (await rows('limit=100')).length
  const before = await count()
  await admin.operator('POST', '/v1/admin/apps/app_audited/enable')
  await admin.operator('POST', '/v1/admin/apps', { app_id: 'app_audited', mode: 'test' })
  await admin.operator('GET', '/v1/admin/apps')
  expect(await count()).toBe(before)
})

test('is read page by page, by kind, by actor, by target and by time', async () => {
  const all = await rows('limit=100')
  const first = await rows('limit=2')
  const next = await rows(`limit=3&starting_after=${first[1]?.['id']}`)
  expect([...first, ...next]).toEqual(all.slice(0, 5))
  const keyId = String((await rows('action=server_key.created'))[0]?.['target'])
  expect((await rows(`target=${keyId}`)).map(({ action }) => action)).toEqual([
    'server_key.revoked',
    'passthrough_rules.changed',
    'server_key.changed',
    'server_key.created',
  ])
  const byKey = await rows(`actor=server_key:${keyId}&limit=100`)
  expect(new Set(byKey.map(({ actor }) => (actor as Json)['id']))).toEqual(new Set([keyId]))
  expect(await rows('created[gte]=4000000000')).toEqual([])
  expect((await rows('created[lt]=4000000000&limit=100')).length).toBe(all.length)
  for (const [query, param] of [
    ['action=unknown', 'action'],
    ['actor=somebody', 'actor'],
    ['limit=0', 'limit'],
    ['starting_after=7', 'starting_after'],
  ]) {
    const { status, body } = await admin.operator('GET', `/v1/admin/audit?${query}`)
    expect([status, (body['error'] as Json)['param']]).toEqual([400, param])
  }
})

test('a server key with admin reads what is about its own app, and one without reads nothing', async () => {
  const { key } = await serverKeyWith(admin.tollbridge, ['admin'])
  const seen = await rows('limit=100', adminClient(admin.tollbridge.url, key))
  expect(seen.length).toBeGreaterThan(5)
  expect(new Set(seen.map(({ app_id }) => app_id))).toEqual(new Set([admin.tollbridge.appId]))
  const other = await call(admin.tollbridge, '/v1/admin/audit?app_id=app_audited', { key })
  expect(other.status).toBe(403)
  expect((await call(admin.tollbridge, '/v1/admin/audit')).status).toBe(403)
})
