import { describe, expect, test } from 'vitest'
import { readCall, writeFault, writeResult } from './messages.ts'
import { readPacket, writePacket } from './packet.ts'
import { type AmfValue, TypedObject } from './value.ts'

const REMOTING = 'flex.messaging.messages.RemotingMessage'

const call = (body: AmfValue) => writePacket({ target: 'null', response: 'null', body })
const message = (members: Record<string, AmfValue>, className = REMOTING) =>
  new TypedObject(className, { source: 's', operation: 'o', body: [], headers: {}, ...members })

describe('a call', () => {
  test('may stand alone or in a list of one', () => {
    expect(readCall(call(message({})))).toEqual(readCall(call([message({})])))
  })

  test('without arguments and headers has none', () => {
    expect(readCall(call(message({ body: null, headers: null })))).toEqual({
      source: 's',
      operation: 'o',
      args: [],
      headers: {},
    })
  })

  test.each([
    ['nothing', null],
    ['two messages', [message({}), message({})]],
    ['another message', message({}, 'flex.messaging.messages.CommandMessage')],
    ['an object of no class', { source: 's', operation: 'o' }],
  ])('%s is refused', (_what, body) => {
    expect(() => readCall(call(body))).toThrow(REMOTING)
  })

  test.each([
    ['source', 7],
    ['operation', null],
    ['body', 'x'],
    ['headers', [1]],
  ])('a member %s of another kind is refused by its name', (name, value) => {
    expect(() => readCall(call(message({ [name]: value })))).toThrow(`the member ${name}`)
  })
})

test('a result is an AcknowledgeMessage with the value as its body', () => {
  const { target, body } = readPacket(writeResult({ id: 'ch_1' }, 'req_1'))
  expect(target).toBe('/onResult')
  expect(body).toMatchObject({
    className: 'flex.messaging.messages.AcknowledgeMessage',
    members: { body: { id: 'ch_1' }, messageId: 'req_1' },
  })
})

test('a fault is an ErrorMessage with its four members', () => {
  const fault = { faultCode: '402', faultString: 'Declined.', faultDetail: '', extendedData: {} }
  const { target, body } = readPacket(writeFault(fault, 'req_1'))
  expect(target).toBe('/onStatus')
  expect(body).toMatchObject({ className: 'flex.messaging.messages.ErrorMessage', members: fault })
})
