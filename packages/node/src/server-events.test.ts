/** Server-sent events, however the network cuts them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readServerEvents, type ServerEvent } from './server-events.ts'

const text = [
  ': connected\n\n',
  'retry: 1000\n\n',
  'id: 41\n\n',
  'id: 42\r\ndata: {"a":1}\r\n\r\n',
  'event: settled\rdata: one\rdata: two\r\r',
  'data:Zoë ☃\ndata\n\n',
  'event: cut off\ndata: never',
].join('')

const expected: ServerEvent[] = [
  { event: 'message', data: null, id: '41' },
  { event: 'message', data: '{"a":1}', id: '42' },
  { event: 'settled', data: 'one\ntwo', id: '42' },
  { event: 'message', data: 'Zoë ☃\n', id: '42' },
]

test('are the same wherever the chunks end', async () => {
  const bytes = new TextEncoder().encode(text)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      const ends = [...cuts, bytes.length].sort((a, b) => a - b)
      const chunks = ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end))
      const found: ServerEvent[] = []
      for await (const event of readServerEvents(streamOf(chunks))) found.push(event)
      expect(found).toEqual(expected)
    }),
  )
})

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) if (chunk.length > 0) controller.enqueue(chunk)
      controller.close()
    },
  })
}
