/** What the official Java SDK sent and took, byte by byte. */
import { describe, expect, test } from 'vitest'
import { frameNames, javaFrame } from '../../../../../../test/support/java-frames.ts'
import { readCall } from './messages.ts'
import { readPacket, writePacket } from './packet.ts'
import { TypedObject } from './value.ts'

const SERVICES = 'com.backendless.services'

test('there are frames of every kind of call', () => {
  expect(frameNames.length).toBeGreaterThan(50)
})

describe.each(frameNames)('%s', (name) => {
  test('is read as the call that it was, with the name of its platform', () => {
    const call = readCall(javaFrame(name, 'request'))
    expect(call.source).toMatch(/^com\.backendless\.(?:services|rt)\.[\w.]+$/)
    expect(call.operation).toMatch(/^\w+$/)
    expect(call.headers).toMatchObject({ 'application-type': 'ANDROID', 'api-version': '1.0' })
  })

  test('its answer is written byte for byte as the SDK took it', () => {
    const frame = javaFrame(name, 'response')
    expect(writePacket(readPacket(frame)).toString('hex')).toBe(frame.toString('hex'))
  })
})

test.each([
  ['charge', ['Stripe', 'charge', [{ amount: 1999, token: 'tok_visa' }]]],
  ['charge-exectype', ['Stripe', 'charge', [{ amount: 1999, token: 'tok_visa' }], 'SYNC']],
  ['arg-null', ['Stripe', 'charge', null]],
  ['arg-two', ['Stripe', 'charge', ['tok_visa', 1999]]],
  ['arg-json', ['Stripe', 'charge', ['{"token":"tok_visa"}']]],
  ['event', ['ev', {}]],
])('the arguments of %s are what the app gave', (name, args) => {
  expect(readCall(javaFrame(name, 'request')).args).toEqual(args)
})

test('an object of the app’s own class arrives as its fields', () => {
  const { args } = readCall(javaFrame('arg-pojo', 'request'))
  expect(args[2]).toMatchObject([{ amount: 1999, id: 'p', paid: false, when: '1970-01-01T00:00:00.005Z' }])
})

test('every kind of argument arrives, the same map twice among them', () => {
  const { args } = readCall(javaFrame('arg-kinds', 'request'))
  expect(args[2]).toMatchObject([
    {
      date: '2026-12-01T09:03:15.000Z',
      big: 300_000_000,
      bd: 12.34,
      L: 99_999_999_999,
      f2: 20,
      same1: { amount: 1999, token: 'tok_visa' },
      same2: { amount: 1999, token: 'tok_visa' },
    },
  ])
})

test('a query arrives with its options, whatever constants stand beside them', () => {
  const { source, operation, args } = readCall(javaFrame('find-all-options', 'request'))
  expect({ source, operation }).toEqual({
    source: `${SERVICES}.persistence.PersistenceService`,
    operation: 'find',
  })
  expect(args[0]).toBe('StripeEvents')
  expect(args[1]).toMatchObject({
    havingClause: expect.any(String),
    queryOptions: { sortBy: expect.any(Array), related: expect.any(Array) },
  })
})

test('the token of a user travels among the headers', () => {
  expect(readCall(javaFrame('after-login', 'request')).headers['user-token']).toBe('UT-1')
})

test('rows are typed, and carry the name of their class besides', () => {
  const { body } = readPacket(javaFrame('find-rows-recommended', 'response'))
  const [row] = (body as TypedObject).members['body'] as TypedObject[]
  expect(row).toBeInstanceOf(TypedObject)
  expect(row).toMatchObject({
    className: 'StripeEvents',
    members: { ___class: 'StripeEvents', created: expect.any(Date), updated: null },
  })
})
