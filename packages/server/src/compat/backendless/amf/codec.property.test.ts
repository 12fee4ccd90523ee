/** The codec against itself and against bytes that nobody meant: values come back, anything else is a clean fault. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frameNames, javaFrame } from '../../../../../../test/support/java-frames.ts'
import { rounds } from '../../../../../../test/support/rounds.ts'
import { ServiceError } from '../../../errors.ts'
import { readCall } from './messages.ts'
import { readPacket, writePacket } from './packet.ts'
import { type AmfValue, TypedObject } from './value.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const name = fc
  .oneof(text, fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'id', '___class'))
  .filter((it) => it !== '' && it !== '__proto__')
const number = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  fc.constantFrom(
    2 ** 28,
    2 ** 28 - 1,
    -(2 ** 28),
    -(2 ** 28) - 1,
    127,
    128,
    16_383,
    16_384,
    2_097_151,
    2_097_152,
    -0,
  ),
  fc.double(),
)

const { value: anyValue } = fc.letrec<{ value: AmfValue; members: Record<string, AmfValue> }>((tie) => ({
  members: fc.dictionary(name, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 6 }),
    tie('members'),
    fc
      .record({ className: name, members: tie('members') })
      .map(({ className, members }) => new TypedObject(className, members)),
  ),
}))

/** Up to the value: counts, `/onResult`, `null`, the length, and the marker of AMF 3. */
const HEAD_BYTES = 28

const packetOf = (body: AmfValue) => writePacket({ target: '/onResult', response: 'null', body })

/** Whatever comes of bytes that nobody meant: a value, or the one fault. */
function readOrRefuse(bytes: Uint8Array): 'value' | 'fault' {
  try {
    readPacket(bytes)
    return 'value'
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError)
    expect((error as ServiceError).code).toBe('body_invalid')
    return 'fault'
  }
}

describe('values', () => {
  test('come back as they were written', () => {
    fc.assert(
      fc.property(anyValue, text, (body, target) => {
        const packet = writePacket({ target, response: 'null', body })
        // Matchers look at `constructor`, which here may be a field.
        expect(isDeepStrictEqual(readPacket(packet), { target, response: 'null', body })).toBe(true)
      }),
      { numRuns: rounds(300) },
    )
  })

  test('of any size come back, wherever the memory of what is written grows', () => {
    for (let length = 950; length < 1_050; length += 1) {
      const body = ['x'.repeat(length), 1, 300, 1.5, new Date(1), { a: 'y'.repeat(length) }, null]
      expect(readPacket(packetOf(body)).body).toEqual(body)
    }
  })

  test.each([
    [2 ** 28 - 1, '04bfffffff'],
    [-(2 ** 28), '04c0808000'],
    [-1, '04ffffffff'],
    [0, '0400'],
    [-0, '058000000000000000'],
    [2 ** 28, '0541b0000000000000'],
    [268_435_457, '0541b0000001000000'],
    [-(2 ** 28) - 1, '05c1b0000001000000'],
    [1_796_115_795, '0541dac3a354c00000'],
  ])('%d is the integer or the double that it must be', (value, hex) => {
    const packet = packetOf(value)
    expect(packet.subarray(HEAD_BYTES).toString('hex')).toBe(hex)
    expect(readPacket(packet).body).toBe(value)
  })

  test('what is undefined is absent from an object and null in a list', () => {
    const body = { a: undefined, b: [undefined] } as unknown as AmfValue
    expect(readPacket(packetOf(body)).body).toStrictEqual({ b: [null] })
  })

  test('a name that objects have anyway is a field of its own', () => {
    const { body } = readPacket(packetOf({ constructor: 1, toString: 'x' }))
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
    expect(Object.keys(body as object)).toEqual(['constructor', 'toString'])
  })
})

describe('bytes that nobody meant', () => {
  test('no frame of the SDK can be read once its end is cut off', () => {
    for (const name of frameNames) {
      const frame = javaFrame(name, 'request')
      for (let length = 0; length < frame.length; length += 1) {
        expect(readOrRefuse(frame.subarray(0, length)), `${name} to ${length}`).toBe('fault')
      }
    }
  })

  test('a frame with a flipped byte is a value or the one fault', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...frameNames),
        fc.constantFrom('request' as const, 'response' as const),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
        (name, side, flips) => {
          const frame = javaFrame(name, side)
          for (const [at, by] of flips) {
            const index = at % frame.length
            frame[index] = (frame[index] ?? 0) ^ by
          }
          readOrRefuse(frame)
        },
      ),
      { numRuns: rounds(1_000) },
    )
  })

  test('any bytes behind a right beginning are a value or the one fault', () => {
    const head = Buffer.from('0003000000010000' + '0000' + 'ffffffff' + '11', 'hex')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readOrRefuse(Buffer.concat([head, bytes]))
      }),
      { numRuns: rounds(1_000) },
    )
  })

  test('what is read of a call is never more than a call, whatever byte is wrong', () => {
    const frame = javaFrame('charge', 'request')
    for (let index = 0; index < frame.length; index += 1) {
      for (const by of [0x01, 0x80, 0xff]) {
        const flipped = Buffer.from(frame)
        flipped[index] = (flipped[index] ?? 0) ^ by
        try {
          const call = readCall(flipped)
          expect(typeof call.source === 'string' && Array.isArray(call.args)).toBe(true)
        } catch (error) {
          expect((error as ServiceError).code).toBe('body_invalid')
        }
      }
    }
  })
})
