/** Packets that ask for more than they are. Each fault comes at once, before memory is taken for what is only claimed. */
import { describe, expect, test } from 'vitest'
import { DEEPEST_VALUE, LARGEST_PACKET_BYTES, MOST_TEXT_BYTES, MOST_VALUES } from './bounds.ts'
import { ByteSink } from './byte-sink.ts'
import { readPacket } from './packet.ts'

const HEAD = '0003 0000 0001 0000 0000 ffffffff 11'

/** A packet around a value that is given as hex, with blanks to be read by people. */
const packet = (hex: string) => Buffer.from(`${HEAD}${hex}`.replace(/\s/g, ''), 'hex')
const read = (hex: string) => readPacket(packet(hex)).body

/** `value` as AMF writes lengths and references. */
function u29(value: number): string {
  const sink = new ByteSink()
  sink.unsigned29(value)
  return sink.end().toString('hex')
}

const inline = (length: number) => u29(length * 2 + 1)
const text = (it: string) => inline(Buffer.byteLength(it)) + Buffer.from(it).toString('hex')

describe('a claim that the bytes do not bear out is refused', () => {
  test.each([
    ['a list of 2^28 − 1 items', '09 ffffffff 01', 'more items'],
    ['a class of 2^25 − 1 members', '0a fffffff3 01', 'more members'],
    ['a text of 2^28 − 1 bytes', '06 ffffffff 61', ''],
    ['bytes of 2^28 − 1 bytes', '0c ffffffff 61', ''],
    ['a text that is not there', '06 04', 'text that is not there'],
    ['an object that is not there', '0a 04', 'object that is not there'],
    ['a class that is not there', '0a 05', 'class that is not there'],
    ['a list that holds itself', '09 03 01 09 00', 'holds itself'],
    ['an object that holds itself', `0a 0b 01 ${text('a')} 0a 00 01`, 'holds itself'],
    ['a double that is cut off', '05 00', 'before it is whole'],
    ['no value at all', '', 'before it is whole'],
    ['bytes behind the value', '01 01', 'left over'],
    ['text that is no UTF-8', '06 03 ff', 'UTF-8'],
    ['half of a surrogate pair', '06 07 eda080', 'UTF-8'],
    ['a date that is none', '08 01 7ff8000000000000', 'moment'],
    ['a list with names and items', `09 03 ${text('a')} 01 01 01`, 'without a name'],
    [
      'an object that only its class can read',
      `0a 07 ${text('flex.messaging.io.ArrayCollection')} 01`,
      'own class',
    ],
    ['XML', '07 01', '0x07'],
    ['a vector', '0d 01', '0x0d'],
    ['a dictionary', '11 01', '0x11'],
    ['a name twice', `0a 0b 01 ${text('a')} 01 00 01 01`, 'same name'],
    ['a name twice in a class', `0a 23 01 ${text('a')} 00 01 01`, 'same name'],
    ['a name twice, in a class and beside it', `0a 1b 01 ${text('a')} 01 00 01 01`, 'same name'],
  ])('%s', (_what, hex, problem) => {
    expect(() => read(hex)).toThrow(problem)
    expect(() => read(hex)).toThrow(expect.objectContaining({ code: 'body_invalid' }))
  })

  test.each([
    ['no version', '', 'before it is whole'],
    ['another version', '0001 0000 0001 0000 0000 ffffffff 11 01', 'version 3'],
    ['headers', '0003 0001 0001 0000 0000 ffffffff 11 01', 'headers'],
    ['no body', '0003 0000 0000 0000 0000 ffffffff 11 01', 'exactly one'],
    ['many bodies', '0003 0000 ffff 0000 0000 ffffffff 11 01', 'exactly one'],
    ['a wrong length', '0003 0000 0001 0000 0000 00000009 11 01', 'length'],
    ['AMF 0 inside', '0003 0000 0001 0000 0000 ffffffff 05', 'not AMF 3'],
  ])('an envelope with %s', (_what, hex, problem) => {
    expect(() => readPacket(Buffer.from(hex.replace(/\s/g, ''), 'hex'))).toThrow(problem)
  })
})

test('a true length is taken like an open one', () => {
  const bytes = Buffer.from('0003 0000 0001 0000 0000 00000002 11 02'.replace(/\s/g, ''), 'hex')
  expect(readPacket(bytes).body).toBe(false)
})

describe('what goes to a prototype is refused, wherever it stands', () => {
  test.each([
    ['a member', `0a 0b 01 ${text('__proto__')} 0a 0b 01 ${text('admin')} 03 01 01`],
    ['a member of a class', `0a 13 01 ${text('__proto__')} 0a 01 03`],
    ['a name in a list', `09 01 ${text('__proto__')} 03 01`],
    ['a name by reference', `09 05 01 06 ${text('__proto__')} 0a 0b 01 00 03 01`],
  ])('%s', (_what, hex) => {
    expect(() => read(hex)).toThrow('__proto__')
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })
})

describe('references cost what they stand for', () => {
  test('the same map twice is two equal maps', () => {
    expect(read(`09 05 01 0a 0b 01 ${text('a')} 04 01 01 0a 02`)).toEqual([{ a: 1 }, { a: 1 }])
  })

  test('the same date, bytes and list twice as well', () => {
    const date = '08 01 0000000000000000'
    expect(read(`09 0d 01 ${date} 08 02 0c 03 07 0c 04 09 03 01 04 05 09 06`)).toEqual([
      new Date(0),
      new Date(0),
      new Uint8Array([7]),
      new Uint8Array([7]),
      [5],
      [5],
    ])
  })

  test('forty lists that each hold the one before twice are refused at once', () => {
    // [[[…], […]], …]: 2^40 values in a few hundred bytes.
    const doubling = Array.from({ length: 40 }, (_, index) => `09 05 01 ${index === 0 ? '01 01' : ''}`)
    const hex = [...doubling].reverse().join('')
    const refs = Array.from({ length: 39 }, (_, index) => `09 ${u29((39 - index) << 1)}`)
    expect(() => read(hex + refs.join(''))).toThrow(`${MOST_VALUES} values`)
  })

  test('a long text by reference over and over', () => {
    const long = 'x'.repeat(100_000)
    const again = Array.from({ length: 20 }, () => '06 00').join('')
    expect(() => read(`09 ${inline(21)} 01 06 ${text(long)} ${again}`)).toThrow(`${MOST_TEXT_BYTES} bytes`)
  })

  test('a class with a long name for a member, over and over', () => {
    const first = `0a 13 01 ${text('x'.repeat(100_000))} 01`
    const again = Array.from({ length: 20 }, () => '0a 01 01').join('')
    expect(() => read(`09 ${inline(21)} 01 ${first} ${again}`)).toThrow(`${MOST_TEXT_BYTES} bytes`)
  })
})

describe('depth', () => {
  const nested = (levels: number) => `${'09 03 01'.repeat(levels - 1)}09 01 01`

  test('is read up to the limit', () => {
    expect(JSON.stringify(read(nested(DEEPEST_VALUE)))).toBe(
      '['.repeat(DEEPEST_VALUE) + ']'.repeat(DEEPEST_VALUE),
    )
  })

  test.each([DEEPEST_VALUE + 1, 80_000])('%d levels are refused', (levels) => {
    expect(() => read(nested(levels))).toThrow('deeper')
  })

  test('a deep object by reference counts at the place where it stands', () => {
    const half = DEEPEST_VALUE / 2
    // One list with a deep list, and then lists around a reference to it.
    const around = (levels: number) => `${'09 03 01'.repeat(levels)} 09 02`
    expect(() => read(`09 05 01 ${nested(half)} ${around(half - 1)}`)).not.toThrow()
    expect(() => read(`09 05 01 ${nested(half)} ${around(half)}`)).toThrow('deeper')
  })
})

test(`more than ${MOST_VALUES} values are refused, and more than ${LARGEST_PACKET_BYTES} bytes`, () => {
  expect(() => read(`09 ${inline(MOST_VALUES - 1)} 01 ${'01'.repeat(MOST_VALUES - 1)}`)).not.toThrow()
  expect(() => read(`09 ${inline(MOST_VALUES)} 01 ${'01'.repeat(MOST_VALUES)}`)).toThrow('values')
  expect(() => readPacket(Buffer.alloc(LARGEST_PACKET_BYTES + 1))).toThrow('bytes')
})
