/** What a caller may read by which pins, as every door asks it. */
import { parseSelector, pinnedLiterals, TRANSACTION_PINS } from '@tollbridge/protocol'
import { describe, expect, test } from 'vitest'
import { ServiceError } from '../errors.ts'
import type { Principal, WatchScope } from './principal.ts'
import { assertMayRead, type ReadPolicy } from './read-access.ts'

const mine: WatchScope = { id: ['ch_1', 'pi_1'], paymentIntentId: ['pi_1'], orderId: ['17'] }
const client = (watch: WatchScope | null): Principal => ({
  role: 'client',
  appId: 'app_1',
  clientKey: 'key_1',
  watch,
})
const guessable: ReadPolicy = {
  clientReads: 'pinned',
  requireWatchToken: false,
  orderIdsAreSecret: () => false,
}

function ask(selector: string, who: Principal, policy: Partial<ReadPolicy> = {}) {
  const outcome = parseSelector(selector)
  if (!outcome.ok) throw new Error(outcome.error.message)
  try {
    const scope = assertMayRead(who, pinnedLiterals(outcome.expression, TRANSACTION_PINS), {
      ...guessable,
      ...policy,
    })
    return scope === null ? 'all' : scope
  } catch (error) {
    if (error instanceof ServiceError) return error.code
    throw error
  }
}

describe('where order ids can be guessed, a client key without a watch token', () => {
  test.each([
    "orderId = '17'",
    "orderId IN ('17', '18')",
    "orderId = '17' AND type = 'charge.succeeded'",
    "orderId = '17' AND NOT (id = 'ch_1')",
    "orderId = '17' AND id LIKE 'ch_%'",
    "orderId = '17' AND (id = 'ch_1' OR type LIKE '%')",
    "orderId = '17' AND eventId = 'evt_1'",
  ])('is refused %s', (selector) => {
    expect(ask(selector, client(null))).toBe('watch_token_required')
  })

  test.each(["orderId = '17' OR id = 'ch_1'", "orderId = '17' OR type = 'charge.succeeded'"])(
    'is refused %s, which pins nothing',
    (selector) => {
      expect(ask(selector, client(null))).toBe('pin_required')
    },
  )

  test.each([
    "id = 'ch_1'",
    "paymentIntentId IN ('pi_1', 'pi_2')",
    "orderId = '17' AND id = 'ch_1'",
    "(orderId = '17' OR orderId = '18') AND paymentIntentId = 'pi_1'",
    "(orderId = '17' AND id = 'ch_1') OR id = 'ch_2'",
  ])('may ask %s, where each match has an id that nobody guesses', (selector) => {
    expect(ask(selector, client(null))).toBe('all')
  })

  test('is told what to send, and which setting says otherwise', () => {
    const pins = new Map([['orderId', new Set(['17'])]])
    expect(() => assertMayRead(client(null), pins, guessable)).toThrow(
      /Tollbridge-Watch-Token.*paymentIntentId = 'pi_….*ORDER_IDS_ARE_SECRET=true/,
    )
  })
})

test('where nobody can guess them, an order id opens its events', () => {
  const secret = { orderIdsAreSecret: () => true }
  expect(ask("orderId = '17'", client(null), secret)).toBe('all')
  expect(ask("orderId = '17'", client(null), { ...secret, requireWatchToken: true })).toBe(
    'watch_token_required',
  )
})

describe('a watch token', () => {
  const alone: Principal = { role: 'watch', appId: 'app_1', watch: mine }

  test.each([
    ['beside a client key', client(mine), {}],
    ['beside a client key, where one is asked for', client(mine), { requireWatchToken: true }],
    ['alone', alone, {}],
    ['alone, where order ids are secret', alone, { orderIdsAreSecret: () => true }],
  ] as const)('%s opens its payment by the order id, and nothing else of that order', (_, who, policy) => {
    expect(ask("orderId = '17'", who, policy)).toEqual(mine)
    expect(ask("orderId = '17' AND paymentIntentId = 'pi_1'", who, policy)).toBe('all')
    expect(ask("orderId = '18'", who, policy)).toBe('watch_token_required')
    expect(ask("orderId IN ('17', '18')", who, policy)).toBe('watch_token_required')
  })

  test('takes from a client key nothing that the key has without it', () => {
    expect(ask("id = 'ch_9'", client(mine))).toBe('all')
    expect(ask("orderId = '18'", client(mine), { orderIdsAreSecret: () => true })).toBe('all')
  })
})

test('a server key, and a client of an app that shows everything, read what they like', () => {
  const server: Principal = { role: 'server', appId: 'app_1', keyId: null, scopes: ['read'] }
  expect(ask("orderId = '17'", server)).toBe('all')
  expect(ask("type = 'charge.succeeded'", client(null), { clientReads: 'open' })).toBe('all')
})
