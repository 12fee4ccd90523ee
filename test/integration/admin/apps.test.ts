/** Several apps in one process: their keys, their Stripe accounts and their events never cross. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../packages/server/src/clock.ts'
import { openSqliteStore } from '../../../packages/server/src/store/sqlite/open-sqlite-store.ts'
import { eventually } from '../../support/eventually.ts'
import { type AdminClient, adminClient, dataOf, errorOf, type Json } from './admin-client.ts'
import { type AdminSetup, type StripeStandIn, startAdmin } from './start-admin.ts'

let admin: AdminSetup
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.stop())

interface Tenant {
  readonly appId: string
  readonly clientKey: string
  readonly stripe: StripeStandIn
  readonly server: AdminClient
}

async function addTenant(name: string): Promise<Tenant> {
  const stripe = await admin.addStripe(name)
  const made = await admin.operator('POST', '/v1/admin/apps', {
    app_id: `app_${name}`,
    mode: 'test',
    name,
    scopes: ['read', 'payments', 'refunds', 'ui', 'admin'],
  })
  await admin.activate(stripe, { app_id: `app_${name}` })
  return {
    appId: `app_${name}`,
    clientKey: String((made.body['client_keys'] as string[])[0]),
    stripe,
    server: adminClient(admin.tollbridge.url, String(made.body['server_key'])),
  }
}

const eventsOf = async (server: AdminClient) => (await server('GET', '/v1/events?limit=100')).text

describe('two apps with two Stripe accounts', () => {
  let red: Tenant
  let blue: Tenant
  beforeAll(async () => {
    red = await addTenant('red')
    blue = await addTenant('blue')
  })

  test('charges go to the account of the app whose key asks', async () => {
    for (const [tenant, other, amount] of [
      [red, blue, 1111],
      [blue, red, 2222],
    ] as const) {
      const url = `${admin.tollbridge.url}/${tenant.appId}/${tenant.clientKey}/services/Stripe/charge`
      const charge = await fetch(url, {
        method: 'POST',
        body: JSON.stringify({ token: 'tok_visa', amount }),
      }).then((response) => response.json() as Promise<Json>)
      expect(charge).toMatchObject({ object: 'charge', amount })
      const made = await tenant.stripe.sdk.charges.list()
      expect(made.data.map(({ id }) => id)).toContain(charge['id'])
      await expect(other.stripe.sdk.charges.retrieve(String(charge['id']))).rejects.toThrow(/No such charge/)
    }
  })

  test('events stay with the app of their account', async () => {
    const mine = await red.stripe.sdk.customers.create({ description: 'of red' })
    const theirs = await blue.stripe.sdk.customers.create({ description: 'of blue' })
    await eventually(async () => (await eventsOf(red.server)).includes(mine.id))
    await eventually(async () => (await eventsOf(blue.server)).includes(theirs.id))
    expect(await eventsOf(red.server)).not.toContain(theirs.id)
    expect(await eventsOf(blue.server)).not.toContain(mine.id)
    const local = adminClient(admin.tollbridge.url, admin.tollbridge.serverKey)
    expect(await eventsOf(local)).not.toMatch(new RegExp(`${mine.id}|${theirs.id}`))
  })

  test('a delivery signed for one app is refused at the address of the other', async () => {
    const { data } = await blue.stripe.sdk.webhookEndpoints.list()
    await red.stripe.sdk.webhookEndpoints.create({
      url: String(data[0]?.url),
      enabled_events: ['product.created'],
    })
    const before = await eventsOf(blue.server)
    await red.stripe.sdk.customers.create({})
    await red.stripe.sandbox.idle()
    expect(await eventsOf(blue.server)).toBe(before)
  })

  test('the keys of one app open nothing of the other', async () => {
    const wrong = await fetch(
      `${admin.tollbridge.url}/${red.appId}/${blue.clientKey}/services/Stripe/charge`,
      {
        method: 'POST',
        body: JSON.stringify({ token: 'tok_visa', amount: 100 }),
      },
    )
    expect(wrong.status).toBe(401)
    const foreign = await red.server('GET', `/v1/admin/apps/${blue.appId}`)
    expect([foreign.status, errorOf(foreign)['code']]).toEqual([403, 'operator_key_required'])
    expect(dataOf(await red.server('GET', '/v1/admin/apps')).map(({ id }) => id)).toEqual([red.appId])
    expect(dataOf(await admin.operator('GET', '/v1/admin/apps')).map(({ id }) => id)).toEqual([
      admin.tollbridge.appId,
      red.appId,
      blue.appId,
    ])
  })

  test('a server key may not make apps or switch them off', async () => {
    for (const path of ['/v1/admin/apps', `/v1/admin/apps/${red.appId}/disable`]) {
      const refused = await red.server('POST', path, { mode: 'test' })
      expect(errorOf(refused)).toMatchObject({ code: 'operator_key_required' })
    }
  })
})

describe('keys', () => {
  let tenant: Tenant
  beforeAll(async () => {
    tenant = await addTenant('keys')
  })
  const apps = () => `/v1/admin/apps/${tenant.appId}`
  const opens = async (clientKey: string) => {
    const where = encodeURIComponent("id = 'ch_none'")
    const url = `${admin.tollbridge.url}/${tenant.appId}/${clientKey}/data/StripeEvents?where=${where}`
    return (await fetch(url)).status
  }

  test('a rotated client key is valid beside the old one, until that is retired', async () => {
    const rotated = await tenant.server('POST', `${apps()}/client_keys`)
    const [fresh = '', old = ''] = rotated.body['client_keys'] as string[]
    expect(old).toBe(tenant.clientKey)
    expect([await opens(fresh), await opens(old)]).toEqual([200, 200])
    await tenant.server('DELETE', `${apps()}/client_keys/${old}`)
    expect([await opens(fresh), await opens(old)]).toEqual([200, 401])
    const last = await tenant.server('DELETE', `${apps()}/client_keys/${fresh}`)
    expect([last.status, errorOf(last)['code']]).toEqual([409, 'last_key'])
    const unknown = await tenant.server('DELETE', `${apps()}/client_keys/${old}`)
    expect(errorOf(unknown)).toMatchObject({ code: 'resource_missing' })
  })

  test('a server key is added, shown once, and the old one revoked', async () => {
    const { body } = await tenant.server('GET', apps())
    const [old] = body['server_keys'] as Json[]
    const oldId = old?.['id']
    const added = await admin.operator('POST', `${apps()}/server_keys`, { scopes: ['admin'] })
    const fresh = adminClient(admin.tollbridge.url, String(added.body['server_key']))
    expect((await fresh('GET', apps())).body['server_keys']).toMatchObject([
      { id: oldId, name: 'first', made_by: expect.stringMatching(/^operator:opk_/) },
      { id: added.body['id'], scopes: ['admin'], last4: String(added.body['server_key']).slice(-4) },
    ])
    await fresh('DELETE', `${apps()}/server_keys/${oldId}`)
    expect((await tenant.server('GET', apps())).status).toBe(401)
    const last = await fresh('DELETE', `${apps()}/server_keys/${added.body['id']}`)
    expect(errorOf(last)).toMatchObject({ code: 'last_key' })
  })

  test('a disabled app opens to no key, still stores its webhooks, and comes back', async () => {
    const [clientKey = ''] = (await admin.operator('GET', apps())).body['client_keys'] as string[]
    await admin.operator('POST', `${apps()}/disable`)
    expect(await opens(clientKey)).toBe(403)
    const { id } = await tenant.stripe.sdk.customers.create({})
    await tenant.stripe.sandbox.idle()
    await admin.operator('POST', `${apps()}/enable`)
    expect(await opens(clientKey)).toBe(200)
    const added = await admin.operator('POST', `${apps()}/server_keys`)
    const server = adminClient(admin.tollbridge.url, String(added.body['server_key']))
    expect(await eventsOf(server)).toContain(id)
  })

  test('what another process changes is in force a second later', async () => {
    const [clientKey = ''] = (await admin.operator('GET', apps())).body['client_keys'] as string[]
    const store = await openSqliteStore({
      file: join(admin.tollbridge.dataDir, 'tollbridge.db'),
      autoMigrate: false,
      clock: systemClock,
      isGuest: true,
    })
    await store.apps.update(tenant.appId, { disabledAt: Date.now() })
    await eventually(async () => (await opens(clientKey)) === 403, { what: 'the app to be disabled' })
    await store.apps.update(tenant.appId, { disabledAt: null })
    await eventually(async () => (await opens(clientKey)) === 200, { what: 'the app to be enabled' })
    await store.close()
  })
})

test('an app id is taken once, and bad input is named', async () => {
  const taken = await admin.operator('POST', '/v1/admin/apps', {
    app_id: admin.tollbridge.appId,
    mode: 'test',
  })
  expect([taken.status, errorOf(taken)['code']]).toEqual([409, 'app_exists'])
  for (const [body, param] of [
    [{}, 'mode'],
    [{ mode: 'sandbox' }, 'mode'],
    [{ mode: 'test', currency: 'EURO' }, 'currency'],
    [{ mode: 'test', app_id: 'a b' }, 'app_id'],
    [{ mode: 'test', color: 'red' }, 'color'],
  ] as const) {
    expect(errorOf(await admin.operator('POST', '/v1/admin/apps', body))).toMatchObject({ param })
  }
})
