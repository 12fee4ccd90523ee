/** Repeating a request: as long as its outcome is unknown, and no longer. */
import { describe, expect, test } from 'vitest'
import { manualWorld } from '../sse/manual-world.conformance.ts'
import { misuse, TollbridgeError } from '../tollbridge-error.ts'
import { isUnsettled, newKey, repeat } from './repeat.ts'

const answer = (status: number, code: string, type = 'api_error', retryAfter?: number) =>
  new TollbridgeError({ type, code, message: code, status, retryAfter })
const lost = new TollbridgeError({ type: 'api_connection_error', code: 'server_unreachable', message: '' })

describe('an error leaves open what happened', () => {
  test.each([
    [lost],
    [answer(503, 'stripe_unreachable', 'upstream_error')],
    [answer(504, 'stripe_timeout', 'upstream_error')],
    [answer(500, 'internal')],
    [answer(503, 'shutting_down')],
    [answer(409, 'idempotency_key_in_use', 'idempotency_error')],
    [answer(429, 'too_many_requests', 'rate_limit_error')],
    [answer(200, 'answer_unreadable')],
    [new TypeError('terminated')],
    [new DOMException('', 'AbortError')],
  ])('%s', (error) => expect(isUnsettled(error)).toBe(true))
})

describe('an error says that nothing was charged', () => {
  test.each([
    [answer(402, 'card_declined', 'card_error')],
    [answer(400, 'price_mismatch', 'invalid_request_error')],
    [answer(401, 'api_key_invalid', 'authentication_error')],
    [answer(403, 'captcha_required', 'permission_error')],
    [answer(429, 'charge_limited', 'rate_limit_error')],
    [answer(503, 'charges_stopped')],
    [answer(500, 'stripe_key_rejected')],
    [misuse('app_mismatch', 'not this app')],
  ])('%s', (error) => expect(isUnsettled(error)).toBe(false))
})

describe('a repeated request', () => {
  function repeating(outcomes: (unknown | 'silence')[]) {
    const world = manualWorld()
    let asked = 0
    let troubles = 0
    let said: unknown = 'waiting'
    const ask = (signal: AbortSignal) => {
      const outcome = outcomes[Math.min(asked++, outcomes.length - 1)]
      if (outcome !== 'silence')
        return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    repeat(ask, { world, onTrouble: () => troubles++ }).then(
      (value) => {
        said = value
      },
      (error) => {
        said = error
      },
    )
    return { world, said: () => said, asked: () => asked, troubles: () => troubles }
  }

  test('goes on until the answer is known', async () => {
    const it = repeating([lost, answer(503, 'shutting_down'), 'paid'])
    await it.world.advance(10_000)
    expect([it.said(), it.asked(), it.troubles()]).toEqual(['paid', 3, 2])
    expect(it.world.timers() + it.world.listeners()).toBe(0)
  })

  test('ends with the first refusal', async () => {
    const refusal = answer(402, 'card_declined', 'card_error')
    const it = repeating([lost, refusal])
    await it.world.advance(10_000)
    expect([it.said(), it.asked()]).toEqual([refusal, 2])
  })

  test('gives up in the end, with the last error', async () => {
    const it = repeating([lost])
    await it.world.advance(30_000)
    expect(it.said()).toBe('waiting')
    await it.world.advance(90_000)
    expect([it.said(), it.asked()]).toEqual([lost, 9])
  })

  test('waits no longer than until the network is back', async () => {
    const it = repeating([lost, lost, lost, lost, 'paid'])
    await it.world.advance(3_000)
    const before = it.asked()
    await it.world.returned('online')
    expect(it.asked()).toBe(before + 1)
  })

  test('waits as long as the server asks', async () => {
    const it = repeating([answer(429, 'too_many_requests', 'rate_limit_error', 20), 'paid'])
    await it.world.advance(19_999)
    expect(it.said()).toBe('waiting')
    await it.world.advance(1)
    expect(it.said()).toBe('paid')
  })

  test('waits half a minute where a proxy asks for an hour, as somebody sits before it', async () => {
    const it = repeating([answer(503, 'answer_unreadable', 'api_error', 3_600), 'paid'])
    await it.world.advance(30_000)
    expect(it.said()).toBe('paid')
  })

  test('takes an answer for lost that does not come', async () => {
    const it = repeating(['silence', 'paid'])
    await it.world.advance(59_999)
    expect(it.asked()).toBe(1)
    await it.world.advance(1_000)
    expect(it.said()).toBe('paid')
  })
})

test('keys do not repeat, and fit the header', () => {
  const keys = Array.from({ length: 1_000 }, newKey)
  expect(new Set(keys).size).toBe(1_000)
  for (const key of keys) expect(key).toMatch(/^[a-z0-9-]{7,40}$/)
})
