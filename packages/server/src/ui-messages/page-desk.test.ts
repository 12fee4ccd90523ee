import { expect, test } from 'vitest'
import { silentLog } from '../log.ts'
import { createPageDesk } from './page-desk.ts'

test('connections count at once, and no more when they are left', () => {
  const never = () => new Promise<never>(() => {})
  const desk = createPageDesk({
    store: { claim: never },
    hub: {
      size: 0,
      add: () => {},
      remove: () => {},
      waitingFor: never,
      showWaiting: never,
      tell: never,
    },
    feed: { wake: never, inTurn: never },
    presences: { enter: never, leave: () => {} },
    answer: never,
    standings: { hold: () => () => {} },
    ends: { byStripesWord: never },
    clock: { now: () => 0 },
    timers: { after: () => () => {} },
    newId: () => 'holder',
    log: silentLog,
    onChanged: () => {},
  })
  const sink = { show: () => {}, end: () => {}, ready: () => undefined, over: () => {} }
  const caller = (user: string) => ({
    session: {
      appId: 'app_1',
      id: 'uis_1' as const,
      user,
      origins: ['*'],
      expiresAt: 1,
      madeBy: 'key_1' as const,
    },
    page: { user, tab: 'tab_1', session: 'uis_1' },
  })
  const anna = caller('anna')
  const leaves = Array.from({ length: 100 }, () => desk.connect(anna, sink))
  expect(() => desk.assertRoom(anna)).toThrow(/100 connections/)
  expect(() => desk.assertRoom(caller('bert'))).not.toThrow()
  leaves[0]?.()
  leaves[0]?.()
  expect(() => desk.assertRoom(anna)).not.toThrow()
  desk.connect(anna, sink)
  expect(() => desk.assertRoom(anna)).toThrow(/100 connections/)
})
