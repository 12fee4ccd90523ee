/** A page's answer, at the moments that no request from outside can hit. */
import { expect, test } from 'vitest'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import { silentLog } from '../log.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import type { NewUiMessage } from '../store/ui-message-store.ts'
import { createAnswerMessage } from './answer-message.ts'
import type { PageCaller } from './page-caller.ts'

const APP = 'app_1'
const page = { user: 'anna', tab: 'tab_0123456789abcdef', session: 'uis_1' }
const caller: PageCaller = {
  page,
  session: { appId: APP, id: 'uis_1', user: 'anna', origins: ['*'], expiresAt: 9e15, madeBy: 'key_1' },
}

async function setUp(handler: string | null, onPause: (count: number) => Promise<void> = async () => {}) {
  const time = createManualTime()
  const { uiMessages: store } = createMemoryStore()
  const message: NewUiMessage = {
    id: 'uim_1',
    appId: APP,
    original: {
      scope: 'plugin:stripe',
      name: 'collectPaymentInformation',
      data: { dataSecret: 'seti_1_secret_1' },
    },
    callbacks: { onSuccess: { name: handler, data: null }, onFail: { name: handler, data: null } },
    users: ['anna'],
    tab: null,
    instance: 'i1',
    requestKey: null,
    fingerprint: '',
    createdAt: time.now(),
    expiresAt: time.now() + 60_000,
    intent: 'seti_1',
    intentBefore: 'requires_payment_method',
    state: 'queued',
  }
  await store.insert(message)
  let pauses = 0
  let whileStripeAnswers = async () => {}
  let status = 'requires_payment_method'
  const answer = createAnswerMessage({
    store,
    async readIntent(_appId, { id }) {
      await whileStripeAnswers()
      return { id, status } as never
    },
    findCardNumber: () => null,
    clock: time,
    async pause(ms) {
      time.advance(ms)
      await onPause(++pauses)
    },
    newId: () => 'n',
    log: silentLog,
    onChanged: () => {},
  })
  return {
    store,
    time,
    answer: (callback: string) => answer(caller, { id: 'uim_1', callback, data: {} }),
    pauses: () => pauses,
    setStatus(now: string) {
      status = now
    },
    during(act: () => Promise<unknown>) {
      whileStripeAnswers = async () => void (await act())
    },
  }
}

test('a process that is away for a moment is waited for', async () => {
  const it = await setUp('inline:i1:0', async (count) => {
    if (count < 3) return
    await it.store.putPresence({ holder: 'h', appId: APP, page: null, instance: 'i1', until: 9e15 })
  })
  expect(await it.answer('onFail')).toEqual({ callback: 'onFail', verified: false })
  expect(it.pauses()).toBe(3)
})

test('one that stays away is given up after three seconds', async () => {
  const it = await setUp('inline:i1:0')
  const before = it.time.now()
  await expect(it.answer('onFail')).rejects.toMatchObject({ code: 'ui_callback_gone' })
  expect(it.time.now() - before).toBe(3_000)
  expect(await it.store.find(APP, 'uim_1')).toMatchObject({ state: 'queued' })
})

test('what has ended while Stripe is asked stays ended', async () => {
  const canceled = await setUp('saved')
  canceled.during(async () => {
    await canceled.store.cancel(APP, 'uim_1', canceled.time.now())
    await canceled.store.finishEnding(APP, 'uim_1', canceled.time.now())
  })
  canceled.setStatus('succeeded')
  await expect(canceled.answer('onSuccess')).rejects.toMatchObject({
    code: 'ui_message_ended',
    details: { reason: 'canceled' },
  })
  const taken = await setUp('saved')
  taken.during(() =>
    taken.store.claim(APP, 'uim_1', { ...page, tab: 'tab_another_0123456' }, taken.time.now()),
  )
  await expect(taken.answer('onFail')).rejects.toMatchObject({ code: 'ui_message_claimed' })
})

test('a failure that Stripe contradicts is the success that Stripe tells', async () => {
  const it = await setUp('saved')
  it.setStatus('succeeded')
  expect(await it.answer('onFail')).toEqual({ callback: 'onSuccess', verified: true })
  expect(await it.store.jobOf('uim_1')).toMatchObject({
    callback: 'onSuccess',
    data: { setupIntent: { id: 'seti_1', status: 'succeeded' } },
  })
})

test('a success that Stripe confirms counts past the message’s time, and from a tab that has it no more', async () => {
  const late = await setUp('saved')
  late.setStatus('succeeded')
  late.time.advance(60_000)
  expect(await late.answer('onSuccess')).toEqual({ callback: 'onSuccess', verified: true })
  const taken = await setUp('saved')
  taken.setStatus('succeeded')
  await taken.store.claim(APP, 'uim_1', { ...page, tab: 'tab_another_0123456' }, taken.time.now())
  expect(await taken.answer('onSuccess')).toEqual({ callback: 'onSuccess', verified: true })
})

test('a failure of a page that took over from one that was cut off waits for what that one began', async () => {
  const it = await setUp('saved', async () => it.setStatus('succeeded'))
  await it.store.claim(APP, 'uim_1', page, it.time.now())
  await it.store.claim(APP, 'uim_1', page, it.time.now())
  expect(await it.answer('onFail')).toEqual({ callback: 'onSuccess', verified: true })
  expect(it.pauses()).toBe(1)
})

test('an answer after Stripe’s own word hears what ran', async () => {
  const it = await setUp('saved')
  const word = { id: 'uic_9', callback: 'onSuccess', data: {}, verified: true, page: null } as const
  await it.store.settle(APP, 'uim_1', word, it.time.now())
  expect(await it.answer('onSuccess')).toEqual({ callback: 'onSuccess', verified: true })
  expect(await it.answer('onFail')).toEqual({ callback: 'onSuccess', verified: true })
})
