import { expect, test } from 'vitest'
import type { EventFlag } from '../store/event-store.ts'
import { type EventHome, eventFlag } from './event-flag.ts'

const mine: EventHome = { mode: 'live', ownAccount: 'acct_1', connectedAccounts: [] }
const event = { type: 'charge.succeeded', livemode: true, account: null }

test.each<[string, Partial<typeof event> | { account: string }, Partial<EventHome>, EventFlag | null]>([
  ['a live event in a live app', {}, {}, null],
  ['a test event in a live app', { livemode: false }, {}, 'wrong_mode'],
  ['a live event in a test app', {}, { mode: 'test' }, 'wrong_mode'],
  ['a live event in a sandbox app', {}, { mode: 'sandbox' }, 'wrong_mode'],
  ['a test event in a test app', { livemode: false }, { mode: 'test' }, null],
  ['a test event in a sandbox app', { livemode: false }, { mode: 'sandbox' }, null],
  ['an event that names the own account', { account: 'acct_1' }, {}, null],
  ['an event of another account', { account: 'acct_2' }, {}, 'foreign_account'],
  ['an event of an account that is taken', { account: 'acct_2' }, { connectedAccounts: ['acct_2'] }, null],
  [
    'one of an account beside it',
    { account: 'acct_3' },
    { connectedAccounts: ['acct_2'] },
    'foreign_account',
  ],
  ['an event of any account where all are taken', { account: 'acct_2' }, { connectedAccounts: 'all' }, null],
  ['the own account where others are taken too', {}, { connectedAccounts: ['acct_2'] }, null],
  ['a round trip of the doctor', { type: 'tollbridge.doctor', livemode: false }, {}, 'doctor'],
])('%s', (_name, more, home, flag) => {
  expect(eventFlag({ ...event, ...more }, { ...mine, ...home })).toBe(flag)
})
