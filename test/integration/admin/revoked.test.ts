/** Revoked means over: what is open ends with the key, app or secret that it stands on, whoever has ended that. */
import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../packages/server/src/clock.ts'
import { openSqliteStore } from '../../../packages/server/src/store/sqlite/open-sqlite-store.ts'
import type { Store } from '../../../packages/server/src/store/store.ts'
import { call, charge, codeOf, serverKeyWith } from '../../support/api-client.ts'
import { eventually } from '../../support/eventually.ts'
import { startTollbridge, type Tollbridge } from '../../support/start-tollbridge.ts'
import { openSse, type SseReader } from '../realtime/sse-reader.ts'

let server: Tollbridge
/** Another process on the same folder, as the command line is. */
let elsewhere: Store
const streams: SseReader[] = []
const sockets: Socket[] = []

beforeAll(async () => {
  server = await startTollbridge()
  elsewhere = await openSqliteStore({
    file: join(server.dataDir, 'tollbridge.db'),
    autoMigrate: false,
    clock: systemClock,
    isGuest: true,
  })
})
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close()
  for (const socket of sockets.splice(0)) socket.close()
})
afterAll(async () => {
  await elsewhere.close()
  await server.stop()
})

const operator = () => ({ key: server.operatorKey ?? '' })
const app = () => `/v1/admin/apps/${server.appId}`
const selector = encodeURIComponent("id = 'ch_none'")

async function stream(path: string, headers: Record<string, string>): Promise<SseReader> {
  const opened = await openSse(server.url + path, headers)
  streams.push(opened)
  expect(opened.status).toBe(200)
  return opened
}

const listen = (headers: Record<string, string>) => stream(`/v1/stream?selector=${selector}`, headers)
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** The code that a stream was told at its end. */
async function endOf(stream: SseReader): Promise<unknown> {
  await stream.ended
  const { error } = (stream.blocks.findLast(({ event }) => event === 'error')?.data ?? {}) as {
    error?: { code: string; message: string }
  }
  expect(error?.message).toMatch(/\w{3,} .*\./)
  return error?.code
}

async function pageSession(serverKey: string) {
  const { status, body } = await call(server, '/v1/ui/sessions', {
    key: serverKey,
    body: { user: 'anna', origin: server.url },
  })
  expect(status).toBe(201)
  return {
    'tollbridge-ui-session': String(body['token']),
    'tollbridge-tab': 'tab_0123456789abcdef',
    origin: server.url,
  }
}

interface Ear {
  readonly errors: { readonly details: { readonly code: string } }[]
  readonly closed: { readonly reason: string }[]
}

async function socket(extraHeaders: Record<string, string>, apiKey = server.clientKey): Promise<Ear> {
  const opened = io(`${server.url}/${server.appId}`, {
    path: `/${server.appId}`,
    query: { apiKey, clientId: 'c1', userToken: 'null' },
    transports: ['websocket'],
    extraHeaders,
    reconnection: false,
    forceNew: true,
  })
  sockets.push(opened)
  const ear: Ear = { errors: [], closed: [] }
  opened.on('SUB_RES', ({ error }: { error?: Ear['errors'][number] }) => {
    if (error !== undefined) ear.errors.push(error)
  })
  opened.on('disconnect', (reason) => void ear.closed.push({ reason }))
  await new Promise((resolve, reject) => {
    opened.on('SUB_READY', resolve)
    opened.on('connect_error', reject)
    opened.on('connect', () =>
      opened.emit('SUB_ON', {
        id: 's1',
        name: 'PUB_SUB_MESSAGES',
        options: { channel: 'stripe', selector: "id = 'ch_none'" },
      }),
    )
  })
  return ear
}

async function socketEnd(ear: Ear): Promise<unknown> {
  await eventually(() => ear.closed.length > 0, { what: 'the socket to be closed' })
  return ear.errors.map(({ details }) => details.code)
}

describe('revoking a server key', () => {
  test('ends its streams, sockets, callbacks and the page sessions that it made, with a reason', async () => {
    const { id, key } = await serverKeyWith(server, ['read', 'ui'])
    const page = await pageSession(key)
    const mine = [
      await listen(bearer(key)),
      await stream('/v1/stream?channel=alarms', bearer(key)),
      await stream('/v1/ui/callbacks/stream?handlers=a', bearer(key)),
      await stream('/v1/ui/stream', page),
    ]
    const ear = await socket(bearer(key))
    const others = [await listen(bearer(server.serverKey)), await listen(bearer(server.clientKey))]
    await call(server, `${app()}/server_keys/${id}`, { method: 'DELETE', ...operator() })
    for (const it of mine) expect(await endOf(it)).toBe('key_revoked')
    expect(await socketEnd(ear)).toEqual(['key_revoked'])
    const again = await fetch(`${server.url}/v1/ui/stream`, { headers: page })
    expect([again.status, await again.text()]).toEqual([401, expect.stringContaining('ui_session_invalid')])
    for (const it of others) expect(it.blocks.some(({ event }) => event === 'error')).toBe(false)
  })

  test('voids the customer tokens that it made', async () => {
    const { id, key } = await serverKeyWith(server, ['payments'])
    const created = await call(server, '/v1/stripe/v1/customers', { method: 'POST' })
    const customer = String(created.body['id'])
    const { status, body } = await call(server, `/v1/customers/${customer}/token`, { key, body: {} })
    expect(status).toBe(201)
    const cards = () =>
      call(server, `/v1/customers/${customer}/cards`, {
        key: server.clientKey,
        headers: { 'tollbridge-customer-token': String(body['token']) },
      })
    expect((await cards()).status).toBe(200)
    await call(server, `${app()}/server_keys/${id}`, { method: 'DELETE', ...operator() })
    const refused = await cards()
    expect([refused.status, codeOf(refused)]).toEqual([401, 'customer_token_invalid'])
  })

  test('ends what stands on the keys that it made', async () => {
    const maker = await serverKeyWith(server, ['read', 'admin'])
    const child = await call(server, `${app()}/server_keys`, { key: maker.key, body: { scopes: ['read'] } })
    const opened = await listen(bearer(String(child.body['server_key'])))
    await call(server, `${app()}/server_keys/${maker.id}`, { method: 'DELETE', ...operator() })
    expect(await endOf(opened)).toBe('key_revoked')
  })

  test('and taking its scope away ends what needs it', async () => {
    const { id, key } = await serverKeyWith(server, ['read', 'ui'])
    const page = await pageSession(key)
    const [events, messages] = [await listen(bearer(key)), await stream('/v1/ui/stream', page)]
    await call(server, `${app()}/server_keys/${id}`, { ...operator(), body: { scopes: ['read'] } })
    expect(await endOf(messages)).toBe('key_revoked')
    expect(events.blocks.some(({ event }) => event === 'error')).toBe(false)
    await call(server, `${app()}/server_keys/${id}`, { ...operator(), body: { scopes: ['refunds'] } })
    expect(await endOf(events)).toBe('key_revoked')
  })

  test('works from another process within a second', async () => {
    const { id, key } = await serverKeyWith(server, ['read'])
    const [opened, ear] = [await listen(bearer(key)), await socket(bearer(key))]
    const rows = (await elsewhere.apps.list()).find(({ appId }) => appId === server.appId)?.serverKeys ?? []
    const hashes = rows.map(({ hash }) => hash).filter((hash) => id === `key_${hash.slice(0, 16)}`)
    expect(hashes).toHaveLength(1)
    await elsewhere.apps.changeKeys(server.appId, { kind: 'remove_server_keys', hashes })
    const revokedAt = performance.now()
    expect(await endOf(opened)).toBe('key_revoked')
    expect(performance.now() - revokedAt).toBeLessThan(1_000)
    expect(await socketEnd(ear)).toEqual(['key_revoked'])
  })
})

describe('retiring a client key', () => {
  test('ends what was opened with it, and leaves the watch tokens of its payers good', async () => {
    const made = await call(server, `${app()}/client_keys`, { method: 'POST', ...operator() })
    const [fresh = ''] = made.body['client_keys'] as string[]
    const paid = await charge(
      server,
      { token: 'tok_visa', amount: 500, order_id: 'retired-1' },
      { key: fresh },
    )
    const token = String(paid.headers.get('tollbridge-watch-token'))
    const watching = `/v1/stream?selector=${encodeURIComponent(`id = '${paid.body['id']}'`)}`
    const opened = await listen(bearer(fresh))
    const payer = await stream(watching, { 'tollbridge-watch-token': token })
    const ear = await socket({}, fresh)
    const other = await listen(bearer(server.clientKey))
    await call(server, `${app()}/client_keys/${fresh}`, { method: 'DELETE', ...operator() })
    expect(await endOf(opened)).toBe('key_revoked')
    expect(await socketEnd(ear)).toEqual(['key_revoked'])
    for (const it of [other, payer]) expect(it.blocks.some(({ event }) => event === 'error')).toBe(false)
    await stream(watching, { 'tollbridge-watch-token': token })
  })
})

describe('disabling an app', () => {
  test('ends everything of it, and no token of it opens anything until it is enabled again', async () => {
    const paid = await charge(server, { token: 'tok_visa', amount: 500, order_id: 'disabled-1' })
    const token = String(paid.headers.get('tollbridge-watch-token'))
    const watching = `/v1/stream?selector=${encodeURIComponent(`id = '${paid.body['id']}'`)}`
    const page = await pageSession(server.serverKey)
    const open = [
      await listen(bearer(server.clientKey)),
      await listen(bearer(server.serverKey)),
      await stream('/v1/stream?channel=alarms', bearer(server.serverKey)),
      await stream(watching, { 'tollbridge-watch-token': token }),
      await stream(watching, { 'tollbridge-watch-token': token, ...bearer(server.clientKey) }),
      await stream('/v1/ui/stream', page),
      await stream('/v1/ui/callbacks/stream?handlers=a', bearer(server.serverKey)),
    ]
    const ear = await socket({})
    await call(server, `${app()}/disable`, { method: 'POST', ...operator() })
    for (const it of open) expect(await endOf(it)).toBe('app_disabled')
    expect(await socketEnd(ear)).toEqual(['app_disabled'])
    for (const [path, headers] of [
      [watching, { 'tollbridge-watch-token': token }],
      [watching.replace('/v1/stream?selector', '/v1/events?where'), { 'tollbridge-watch-token': token }],
      ['/v1/config', { 'tollbridge-watch-token': token }],
      ['/v1/stream', bearer(server.serverKey)],
    ] as const) {
      const response = await fetch(server.url + path, { headers })
      expect([path, response.status, await response.text()]).toEqual([
        path,
        403,
        expect.stringContaining('app_disabled'),
      ])
    }
    expect((await fetch(`${server.url}/v1/ui/stream`, { headers: page })).status).toBe(401)
    await call(server, `${app()}/enable`, { method: 'POST', ...operator() })
    await stream(watching, { 'tollbridge-watch-token': token })
    await stream('/v1/ui/stream', page)
  })
})

describe('retiring the key that signs an app’s tokens', () => {
  test('ends what stands on a token, and makes each token void', async () => {
    const paid = await charge(server, { token: 'tok_visa', amount: 500, order_id: 'resigned-1' })
    const token = String(paid.headers.get('tollbridge-watch-token'))
    const watching = `/v1/stream?selector=${encodeURIComponent(`id = '${paid.body['id']}'`)}`
    const byToken = await stream(watching, { 'tollbridge-watch-token': token })
    const byKey = await listen(bearer(server.clientKey))
    const page = await stream('/v1/ui/stream', await pageSession(server.serverKey))
    // As `tollbridge secrets discard-unreadable` does after the loss of a master key; a fresh one is made at once.
    await elsewhere.secrets.apply([{ kind: 'remove', appId: server.appId, name: 'watch_signing_key' }])
    expect(await endOf(byToken)).toBe('key_revoked')
    expect(await endOf(page)).toBe('key_revoked')
    expect(byKey.blocks.some(({ event }) => event === 'error')).toBe(false)
    const again = await call(server, watching, {
      key: server.clientKey,
      headers: { 'tollbridge-watch-token': token },
    })
    expect([again.status, codeOf(again)]).toEqual([401, 'watch_token_invalid'])
  })
})
