/** What events change. */
import { expect, test } from 'vitest'
import type { StoredEvent } from '../store/event-store.ts'
import { changesOf, eventHandlers } from './event-handlers.ts'

function anEvent(overrides: Partial<StoredEvent>): StoredEvent {
  return {
    type: 'charge.succeeded',
    created: Date.UTC(2026, 10, 21, 23, 59, 59, 999),
    ...overrides,
  } as StoredEvent
}

test('every event is counted on the UTC day on which it came', () => {
  expect(changesOf(anEvent({}), eventHandlers)).toEqual([
    { kind: 'tally', day: '2026-11-21', type: 'charge.succeeded' },
  ])
  expect(changesOf(anEvent({ created: Date.UTC(2026, 10, 22) }), eventHandlers)).toMatchObject([
    { day: '2026-11-22' },
  ])
})

test('an event of an unknown type is counted like any other', () => {
  expect(changesOf(anEvent({ type: 'toaster.popped' }), eventHandlers)).toMatchObject([
    { type: 'toaster.popped' },
  ])
})

test('a rule of one type adds to the rules of every type', () => {
  const tally = (type: string) => ({ kind: 'tally', day: '2026-11-21', type }) as const
  const handlers = {
    everyType: [() => [tally('any')]],
    byType: { 'charge.failed': () => [tally('special')] },
  }
  expect(changesOf(anEvent({ type: 'charge.failed' }), handlers)).toEqual([tally('any'), tally('special')])
  expect(changesOf(anEvent({ type: 'charge.succeeded' }), handlers)).toEqual([tally('any')])
})

test('a type named like a property of every object has no rule of its own', () => {
  for (const type of ['constructor', '__proto__', 'toString']) {
    expect(changesOf(anEvent({ type }), eventHandlers)).toHaveLength(1)
  }
})
