import { afterAll, beforeAll, expect, test } from 'vitest'
import { PERSONAL, recordPersonalEvents } from '../../../../test/support/personal-events.ts'
import { createMemoryStore } from '../store/memory/create-memory-store.ts'
import { eventFacts } from '../stripe/event-facts.ts'
import { createForgetCustomer } from './forget-customer.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const store = createMemoryStore()
const forget = createForgetCustomer({
  events: store.events,
  attempts: store.paymentAttempts,
  clock: { now: () => NOW },
})
let customerId: string
let recorded: readonly Record<string, unknown>[]

beforeAll(async () => {
  const recording = await recordPersonalEvents()
  customerId = recording.customerId
  recorded = recording.events
  for (const [index, event] of recorded.entries()) {
    await store.events.insertOnce(
      {
        ...eventFacts(event),
        appId: 'app_1',
        objectId: `object-${index}`,
        receivedAt: NOW,
        source: 'webhook',
        // A flagged event holds personal data like any other.
        flag: index % 7 === 0 ? 'wrong_mode' : null,
        payload: JSON.stringify(event),
      },
      { leaseMs: 1_000 },
    )
  }
  await insertOther('evt_other', 'cus_other', 'app_1')
  await insertOther('evt_foreign', customerId, 'app_2')
})
afterAll(() => store.close())

async function insertOther(id: string, customer: string, appId: string): Promise<void> {
  const object = { object: 'charge', id: `ch_${id}`, customer, billing_details: { name: PERSONAL.name } }
  const event = { id, object: 'event', type: 'charge.succeeded', created: 1, data: { object } }
  await store.events.insertOnce(
    {
      ...eventFacts(event),
      appId,
      objectId: `object of ${id}`,
      receivedAt: NOW,
      source: 'webhook',
      flag: null,
      payload: JSON.stringify(event),
    },
    { leaseMs: 1_000 },
  )
}

const holding = async (text: string) =>
  (await store.events.readAfter(0, 1_000)).filter(({ payload }) => payload.includes(text))

test('nothing personal of the customer is left in any event, and every fact is', async () => {
  const outcome = await forget('app_1', customerId)
  expect(outcome).toEqual({
    customerId,
    events: recorded.length,
    eventsChanged: recorded.length,
    attemptsChanged: 0,
  })
  for (const value of Object.values(PERSONAL)) {
    const left = await holding(value)
    expect(
      left.map(({ eventId, type }) => `${eventId} ${type}`).filter((it) => !/evt_(other|foreign)/.test(it)),
    ).toEqual([])
  }
  for (const [index, event] of recorded.entries()) {
    const stored = await store.events.findByObjectId('app_1', `object-${index}`)
    expect(eventFacts(JSON.parse(stored?.payload ?? ''))).toEqual(eventFacts(event))
    expect(stored).toMatchObject({ ...eventFacts(event), updated: NOW })
  }
})

test('another customer, and another app, keep theirs', async () => {
  expect((await holding(PERSONAL.name)).map(({ eventId }) => eventId)).toEqual(['evt_other', 'evt_foreign'])
})

test('asked again, it finds the same and changes nothing', async () => {
  expect(await forget('app_1', customerId)).toMatchObject({ events: recorded.length, eventsChanged: 0 })
})

test('a customer that is not known has nothing to forget', async () => {
  expect(await forget('app_1', 'cus_nobody')).toMatchObject({
    events: 0,
    eventsChanged: 0,
    attemptsChanged: 0,
  })
})
