/** PROTOCOL.md says what the code does: names, numbers and samples are read from it and compared. */
import { readFileSync } from 'node:fs'
import { errorCodes, parseSelector, selectorLimits } from '@tollbridge/protocol'
import { describe, expect, test } from 'vitest'
import { aStoredEvent } from '../../../../test/support/an-event.ts'
import { toHeaders } from '../store/event-columns.ts'
import { LARGEST_REQUEST_BYTES, socketLimits } from './socket-io/limits.ts'
import { streamLimits } from './sse/event-stream.ts'

const document = readFileSync(new URL('../../../protocol/PROTOCOL.md', import.meta.url), 'utf8')

function section(title: string): string {
  const start = document.indexOf(`\n## ${title}`)
  const end = document.indexOf('\n## ', start + 1)
  return document.slice(start, end === -1 ? undefined : end)
}

test('the table of headers names every header and no other', () => {
  const named = [...section('2. Headers').matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])
  const headers = Object.keys(toHeaders({ ...aStoredEvent(1, { orderId: 'order-1' }), account: 'acct_1' }))
  expect(named.sort()).toEqual(headers.sort())
})

test('the tables of errors give each code its number', () => {
  const rows = [...document.matchAll(/^\| (\d{3,4}) \| (`.*`) \|$/gm)]
  expect(rows.length).toBeGreaterThan(10)
  for (const [, number, names = ''] of rows) {
    for (const [, code = ''] of names.matchAll(/`(\w+)`/g)) {
      const row: { status: number; backendlessCode?: number } | undefined =
        errorCodes[code as keyof typeof errorCodes]
      expect([row?.status, row?.backendlessCode], code).toContain(Number(number))
    }
  }
})

describe('the samples of selectors parse', () => {
  const samples = /```selector\n([\s\S]*?)```/.exec(document)?.[1]?.trim().split('\n') ?? []
  test.each(samples)('%s', (sample) => {
    expect(parseSelector(sample)).toMatchObject({ ok: true })
  })
})

test('the limits are those of the code', () => {
  const { length, depth, terms } = selectorLimits
  expect(document).toContain(
    `${length} characters, ${depth} levels of parentheses and\nNOTs, ${terms} conditions`,
  )
  const { subscriptions, messages } = socketLimits
  expect(document).toContain(
    `${subscriptions} subscriptions on a connection, ${LARGEST_REQUEST_BYTES / 1024} KiB in a request, ${messages.burst} messages at once and ${messages.perSecond} a second`,
  )
  expect([socketLimits.pendingCharacters, streamLimits.pendingBytes]).toEqual([1024 * 1024, 1024 * 1024])
  expect(document).toContain(`A comment every ${streamLimits.heartbeatMs / 1000} seconds`)
  expect(document).toContain(`waits at most ${streamLimits.drainMs / 1000} seconds`)
})
