/** The reader of event streams against the format's rules, and against any cut of the network. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEventParser, type SseEvent } from './event-parser.ts'

function parse(chunks: readonly string[], lastId: string | null = null) {
  const events: SseEvent[] = []
  const parser = createEventParser((event) => events.push(event), lastId)
  for (const chunk of chunks) parser.feed(chunk)
  return { events, lastId: parser.lastId, retryMs: parser.retryMs }
}

describe('a stream of events', () => {
  test('gives each event with its type, its lines of data and the id', () => {
    const { events } = parse(['id: 41\ndata: one\ndata:two\n\nevent: error\ndata: {"a":1}\n\n'])
    expect(events).toEqual([
      { type: 'message', data: 'one\ntwo', id: '41' },
      { type: 'error', data: '{"a":1}', id: '41' },
    ])
  })

  test('an id without data is kept and is no event; comments and the retry time are none either', () => {
    expect(parse(['retry: 250\n: connected\n\nid: 7\n\n:\n\n'])).toEqual({
      events: [],
      lastId: '7',
      retryMs: 250,
    })
  })

  test('an id counts only once its event is whole', () => {
    expect(parse(['id: 7\n\nid: 8\ndata: half'], '3')).toMatchObject({ events: [], lastId: '7' })
  })

  test('unknown fields, a retry time in words and an id with NUL are passed over', () => {
    expect(parse(['retry: soon\nid: a\0b\nfoo: bar\nfoo\ndata\ndata: x\n\n'], '3')).toEqual({
      events: [{ type: 'message', data: '\nx', id: '3' }],
      lastId: '3',
      retryMs: null,
    })
  })

  test('however the text is cut and its lines end, the events are the same', () => {
    const line = fc.constantFrom('data: a', 'data:', 'data: b: c', 'id: 1', 'id: 22', 'event: x', ': hi', '')
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(200)),
        (lines, end, cuts) => {
          const text = lines.map((it) => it + end).join('')
          const places = [...cuts.filter((cut) => cut < text.length), 0].sort((a, b) => a - b)
          const chunks = places.map((place, index) => text.slice(place, places[index + 1] ?? text.length))
          // A last carriage return waits for what follows; a comment after it ends the line either way.
          const whole = parse([`${lines.join('\n')}\n:\n`])
          expect(parse([...chunks, `:${end}`, ':'])).toEqual(whole)
        },
      ),
    )
  })
})
