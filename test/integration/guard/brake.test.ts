/** The operator's brake: stops new charges at once, says so, survives restarts, and holds for every process. */
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../packages/server/src/clock.ts'
import { openSqliteStore } from '../../../packages/server/src/store/sqlite/open-sqlite-store.ts'
import { call, charge, codeOf } from '../../support/api-client.ts'
import { temporaryFolder } from '../../support/product-process.ts'
import { type Guarded, startGuarded } from './start-guarded.ts'

let server: Guarded
afterEach(() => server.stop())

let payments = 0
/** Each is a purchase of its own: an equal one would be a repeat, which charges nothing and is answered all the same. */
const pay = (key = server.clientKey) =>
  charge(server, { token: 'tok_visa', amount: 500, description: `Payment ${payments++}` }, { key })
const brake = (body: object) => call(server, '/v1/admin/brake', { key: server.operatorKey ?? '', body })

test('stops client and server keys at once with the reason, charges nothing, and lets go again', async () => {
  server = await startGuarded()
  expect((await call(server, '/v1/admin/brake')).body).toEqual({
    object: 'brake',
    on: false,
    reason: null,
    changed: null,
  })
  expect((await pay()).status).toBe(200)
  expect((await brake({ on: true, reason: 'We look into a problem' })).body).toMatchObject({
    on: true,
    reason: 'We look into a problem',
    changed: expect.any(Number),
  })
  for (const key of [server.clientKey, server.serverKey]) {
    const answer = await pay(key)
    expect([answer.status, codeOf(answer)]).toEqual([503, 'charges_stopped'])
    expect(answer.body['message']).toMatch(/stopped by the operator for now: We look into a problem/)
    expect(answer.headers.get('retry-after')).toBe('60')
  }
  expect(await server.chargesAtStripe()).toBe(1)
  expect((await brake({ on: false })).body).toMatchObject({ on: false, reason: null })
  expect((await pay()).status).toBe(200)
})

test('stops payments that the page would confirm by itself, and lets refunds through', async () => {
  server = await startGuarded()
  const paid = await call(server, '/v1/payments', { body: { amount: 500, token: 'tok_visa' } })
  expect(paid.body).toMatchObject({ status: 'succeeded' })
  await brake({ on: true })
  for (const body of [{ amount: 500 }, { amount: 600, token: 'tok_visa' }]) {
    const answer = await call(server, '/v1/payments', { key: server.clientKey, body })
    expect([answer.status, codeOf(answer)]).toEqual([503, 'charges_stopped'])
  }
  const refunded = await call(server, `/v1/payments/${paid.body['id']}/refund`, { body: {} })
  expect(refunded.status).toBe(200)
})

test('holds although the guard is off', async () => {
  server = await startGuarded({ GUARD: 'off' })
  await brake({ on: true })
  expect(codeOf(await pay())).toBe('charges_stopped')
})

test('survives a restart', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  server = await startGuarded({}, folder.path)
  await brake({ on: true, reason: 'Overnight' })
  await server.stop()
  server = await startGuarded({}, folder.path)
  expect((await pay()).body['message']).toMatch(/Overnight/)
})

test('pulled by another process is seen at once', async () => {
  server = await startGuarded()
  expect((await pay()).status).toBe(200)
  const elsewhere = await openSqliteStore({
    file: join(server.dataDir, 'tollbridge.db'),
    autoMigrate: false,
    clock: systemClock,
    isGuest: true,
  })
  const { appId } = server
  await elsewhere.guard.setBrake({ appId, isOn: true, reason: null, changedAt: systemClock.now() })
  expect(codeOf(await pay())).toBe('charges_stopped')
  await elsewhere.guard.setBrake({ appId, isOn: false, reason: null, changedAt: systemClock.now() })
  expect((await pay()).status).toBe(200)
  await elsewhere.close()
})

test.each([
  [{}, 'on'],
  [{ on: 'yes' }, 'on'],
  [{ on: true, reason: 'x'.repeat(201) }, 'reason'],
  [{ on: true, until: 5 }, 'until'],
])('%j is refused with the name of the field', async (body, param) => {
  server = await startGuarded()
  const answer = await brake(body)
  expect(answer.status).toBe(400)
  expect(answer.body['error']).toMatchObject({ param })
})

test('is not for client keys', async () => {
  server = await startGuarded()
  const answer = await call(server, '/v1/admin/brake', { key: server.clientKey, body: { on: true } })
  expect([answer.status, codeOf(answer)]).toEqual([403, 'operator_key_required'])
  expect((await pay()).status).toBe(200)
})
