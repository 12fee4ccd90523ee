import { describe, expect, test } from 'vitest'
import { type ClientEvent, readClientMessage, requiredTextOption, textOption } from './client-message.ts'

const bytes = (text: string) => Buffer.from(text)

describe('well-formed messages', () => {
  test.each<[ClientEvent, unknown, unknown]>([
    [
      'SUB_ON',
      { id: 'a', name: 'N', options: { x: 1 } },
      { event: 'SUB_ON', id: 'a', name: 'N', options: { x: 1 } },
    ],
    ['MET_REQ', { id: 'a', name: 'N' }, { event: 'MET_REQ', id: 'a', name: 'N', options: {} }],
    ['MET_REQ', { id: 'a', name: 'N', options: null }, { event: 'MET_REQ', id: 'a', name: 'N', options: {} }],
    ['SUB_OFF', { id: 'a', more: true }, { event: 'SUB_OFF', id: 'a' }],
    ['SUB_OFF', bytes('{"id":"a"}'), { event: 'SUB_OFF', id: 'a' }],
  ])('%s %j', (event, argument, expected) => {
    expect(readClientMessage(event, argument)).toEqual(expected)
  })
})

describe('malformed messages name the fault, and whom to tell where that is known', () => {
  test.each<[ClientEvent, unknown, string | null, string]>([
    ['SUB_ON', undefined, null, 'id'],
    ['SUB_ON', 'text', null, 'id'],
    ['SUB_ON', [], null, 'id'],
    ['SUB_ON', { id: 5, name: 'N' }, null, 'id'],
    ['SUB_ON', { id: 'x'.repeat(129), name: 'N' }, null, 'id'],
    ['SUB_OFF', {}, null, 'id'],
    ['SUB_ON', bytes('not json'), null, 'id'],
    ['SUB_ON', bytes('null'), null, 'id'],
    ['SUB_ON', { id: 'a' }, 'a', 'name'],
    ['MET_REQ', { id: 'a', name: {} }, 'a', 'name'],
    ['MET_REQ', { id: 'a', name: 'N', options: [] }, 'a', 'options'],
  ])('%s %j', (event, argument, id, param) => {
    expect(readClientMessage(event, argument)).toMatchObject({
      event: 'malformed',
      of: event,
      id,
      error: { code: 'parameter_invalid', param },
    })
  })
})

describe('options', () => {
  test('are text, or absent', () => {
    expect(textOption({ a: 'x' }, 'a')).toBe('x')
    expect(textOption({ a: null }, 'a')).toBeNull()
    expect(textOption({}, 'toString')).toBeNull()
    expect(() => textOption({ a: 1 }, 'a')).toThrow(
      expect.objectContaining({ code: 'parameter_invalid', param: 'a' }),
    )
  })

  test('that must be there say so', () => {
    expect(requiredTextOption({ a: 'x' }, 'a', 'a letter')).toBe('x')
    expect(() => requiredTextOption({ a: '' }, 'a', 'a letter')).toThrow('The option a is missing: a letter.')
  })
})
