/** Claims of tabs that are gone: taken back after five looks in a row, and not before. */
import { expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { createAbandonedClaims } from './abandoned-claims.ts'

const APP = 'app_1'
const tab = (name: string) => ({ user: 'anna', tab: name, session: 'uis_1' })

async function setUp() {
  const { uiMessages: store } = createMemoryStore()
  await store.insert({
    id: 'uim_1',
    appId: APP,
    original: { scope: 'plugin:stripe', name: 'collectPaymentInformation', data: null },
    callbacks: {},
    users: ['anna'],
    tab: null,
    instance: null,
    requestKey: null,
    fingerprint: '',
    createdAt: 0,
    expiresAt: 60_000,
    intent: 'seti_1',
    intentBefore: null,
    state: 'queued',
  })
  await store.claim(APP, 'uim_1', tab('tab_a'), 0)
  let changes = 0
  const claims = createAbandonedClaims({
    store,
    clock: { now: () => 1_000 },
    onChanged: () => {
      changes += 1
    },
  })
  const connect = () =>
    store.putPresence({ holder: 'h', appId: APP, page: tab('tab_a'), instance: null, until: 9_000 })
  const look = async (times: number) => {
    for (let n = 0; n < times; n++) await claims.look()
  }
  const holder = async () => (await store.find(APP, 'uim_1'))?.claimedBy?.tab ?? null
  return { store, connect, look, holder, changes: () => changes }
}

test('a tab that is nowhere for five looks loses its claim, and another one may open the message', async () => {
  const it = await setUp()
  await it.look(4)
  expect(await it.holder()).toBe('tab_a')
  await it.look(1)
  expect(await it.holder()).toBeNull()
  expect(it.changes()).toBe(1)
  expect(await it.store.claim(APP, 'uim_1', tab('tab_b'), 1_000)).toMatchObject({ outcome: 'taken' })
})

test('a tab that is back in between keeps it, and is given five looks again', async () => {
  const it = await setUp()
  await it.look(4)
  await it.connect()
  await it.look(10)
  expect(await it.holder()).toBe('tab_a')
  await it.store.dropPresence('h')
  await it.look(4)
  expect(await it.holder()).toBe('tab_a')
  await it.look(1)
  expect(await it.holder()).toBeNull()
})

test('a tab that has opened it anew is given five looks, too', async () => {
  const it = await setUp()
  await it.look(4)
  await it.store.claim(APP, 'uim_1', tab('tab_a'), 1_000)
  await it.look(4)
  expect(await it.holder()).toBe('tab_a')
})
