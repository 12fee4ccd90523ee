import { expect, test } from 'vitest'
import { createCustomerTokens } from './customer-token.ts'
import { createUiSessionTokens } from './ui-session-token.ts'
import { createWatchTokens } from './watch-token.ts'

const signingKey = new Uint8Array(32).fill(7)
let now = 1_795_289_067_260
const clock = { now: () => now }
const served = new Set(['app_1', 'app_2'])
const keyOf = (appId: string) => (served.has(appId) ? signingKey : null)
const keys = new Set(['key_1'])
const tokens = createCustomerTokens({
  clock,
  signingKey: keyOf,
  hasServerKey: (_appId, keyId) => keys.has(keyId),
})
const sign = (appId = 'app_1') =>
  tokens.sign({ appId, customer: 'cus_1', madeBy: 'key_1', lifetimeSeconds: 900 })

test('a token names its customer until it ends, in its own app', async () => {
  const { token, expiresAt } = await sign()
  expect(expiresAt).toBe(Math.floor(now / 1000) * 1000 + 900_000)
  expect(await tokens.read('app_1', token)).toEqual({ outcome: 'valid', customer: 'cus_1' })
  // Apps have keys of their own; even with the same one a token is of one app.
  expect(await tokens.read('app_2', token)).toEqual({ outcome: 'invalid' })
  now += 900_000
  expect(await tokens.read('app_1', token)).toEqual({ outcome: 'expired' })
})

test('an app that is no longer served has voided its tokens', async () => {
  const { token } = await sign()
  served.delete('app_1')
  expect(await tokens.read('app_1', token)).toEqual({ outcome: 'invalid' })
  await expect(sign()).rejects.toThrow(/not served/)
  served.add('app_1')
})

test('a token ends with the server key that asked for it', async () => {
  const { token } = await sign()
  keys.delete('key_1')
  expect(await tokens.read('app_1', token)).toEqual({ outcome: 'invalid' })
  keys.add('key_1')
})

test('no other kind of token opens a customer, and his opens nothing else', async () => {
  const watch = createWatchTokens({ clock, signingKey, lifetimeSeconds: 60 })
  const sessions = createUiSessionTokens({ clock, signingKey: keyOf, hasServerKey: () => true })
  const { token } = await sign()
  const scope = { id: [], paymentIntentId: [], orderId: [] }
  const session = {
    appId: 'app_1',
    id: 'uis_1',
    user: 'cus_1',
    origins: ['*'],
    expiresAt: now + 60_000,
    madeBy: 'key_1',
  } as const
  for (const other of [await watch.sign('app_1', scope), await sessions.sign(session)]) {
    expect(await tokens.read('app_1', other)).toEqual({ outcome: 'invalid' })
  }
  expect(await watch.verify('app_1', token)).toBeNull()
  expect(await sessions.read(token)).toEqual({ outcome: 'invalid' })
})

test.each(['', 'x', 'a.b.c', 'x'.repeat(5_000)])('%j is no token', async (text) => {
  expect(await tokens.read('app_1', text)).toEqual({ outcome: 'invalid' })
})
