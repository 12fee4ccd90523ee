import { describe, expect, test } from 'vitest'
import { createOutbox } from './outbox.ts'

/** A connection whose reader reads when told. */
function setUp({ binary = false, mostPending = 100 } = {}) {
  const sent: (string | Buffer)[] = []
  const unread: (() => void)[] = []
  let overflows = 0
  const outbox = createOutbox({
    connection: {
      send: (data, _options, onFlushed) => {
        sent.push(data)
        if (onFlushed !== undefined) unread.push(onFlushed)
      },
    },
    namespace: '/app_1',
    binary,
    mostPending,
    onOverflow: () => {
      overflows += 1
    },
  })
  const readOne = () => unread.shift()?.()
  return { outbox, sent, readOne, overflows: () => overflows }
}

describe('frames', () => {
  test('are Socket.IO events of the namespace', () => {
    const { outbox, sent } = setUp()
    outbox.send('SUB_READY', '{"id":"a"}')
    expect(sent).toEqual(['2/app_1,["SUB_READY",{"id":"a"}]'])
  })

  test('carry bytes for a client that speaks bytes', () => {
    const { outbox, sent } = setUp({ binary: true })
    outbox.send('SUB_READY', '{"id":"ä"}')
    expect(sent).toEqual(['51-/app_1,["SUB_READY",{"_placeholder":true,"num":0}]', Buffer.from('{"id":"ä"}')])
  })
})

describe('a reader that does not read', () => {
  test('overflows once, and gets nothing more', () => {
    const { outbox, sent, overflows } = setUp()
    outbox.send('SUB_RES', 'x'.repeat(60))
    outbox.send('SUB_RES', 'x'.repeat(60))
    outbox.send('SUB_RES', 'x')
    expect([sent.length, overflows()]).toEqual([1, 1])
  })

  test('is waited for, until it has read or is gone', async () => {
    const { outbox, readOne } = setUp()
    expect(outbox.ready()).toBeUndefined()
    outbox.send('SUB_RES', 'x'.repeat(60))
    const caughtUp = outbox.ready()
    expect(caughtUp).toBeInstanceOf(Promise)
    readOne()
    await caughtUp
    expect(outbox.ready()).toBeUndefined()
    outbox.send('SUB_RES', 'x'.repeat(60))
    const gone = outbox.ready()
    outbox.close()
    await gone
  })

  test('may read again and again what fits', () => {
    const { outbox, sent, readOne, overflows } = setUp()
    for (let n = 0; n < 10; n++) {
      outbox.send('SUB_RES', 'x'.repeat(60))
      readOne()
    }
    expect([sent.length, overflows()]).toEqual([10, 0])
  })
})
