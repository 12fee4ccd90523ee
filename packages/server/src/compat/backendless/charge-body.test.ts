import { expect, test } from 'vitest'
import { unwrapChargeBody } from './charge-body.ts'

const charge = { token: 'tok_visa', amount: 1999 }

test('a bare object and an object inside an array are the same call', () => {
  expect(unwrapChargeBody(charge)).toBe(charge)
  expect(unwrapChargeBody([charge])).toBe(charge)
})

test('an empty call is an empty object, so that its missing fields can be named', () => {
  expect(unwrapChargeBody(undefined)).toEqual({})
  expect(unwrapChargeBody(null)).toEqual({})
  expect(unwrapChargeBody([null])).toEqual({})
})

test.each([[[charge, charge]], [[]], [[[charge]]], ['tok_visa'], [5], [true]])(
  '%j is refused with the shape to send',
  (body) => {
    expect(() => unwrapChargeBody(body)).toThrow(
      expect.objectContaining({ code: 'body_invalid', message: expect.stringContaining('{"token"') }),
    )
  },
)
