/** Ids of our rows. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeObjectId } from './object-id.ts'

test('an id is a UUID of version 7 with the time in front', () => {
  const id = makeObjectId(Date.UTC(2026, 10, 21), '11112222-3333-4444-9555-666677778888')
  expect(id).toBe('01a1fb67-1800-7444-9555-666677778888')
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 21))
})

test('later ids sort behind earlier ones, and ids of one millisecond differ', () => {
  const ids = [1, 1, 2, 1_000_000_000_000].map((now) => makeObjectId(now, randomUUID()))
  expect(new Set(ids).size).toBe(4)
  expect(ids.map((id) => id.slice(0, 13))).toEqual(ids.map((id) => id.slice(0, 13)).toSorted())
})
