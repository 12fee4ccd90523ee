import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { createManualTime } from '../../../../test/support/manual-time.ts'
import type { Principal } from '../access/principal.ts'
import { NO_BUDGETS } from '../budgets/create-budgets.ts'
import { silentLog } from '../log.ts'
import { registerStreamRoute } from './sse-adapter.ts'

test('a stream whose reader leaves while its token is being checked holds nothing', async () => {
  const asked = Promise.withResolvers<void>()
  const checked = Promise.withResolvers<Principal>()
  const fastify = Fastify()
  let following = 0
  registerStreamRoute(fastify, {
    authenticate: () => {
      asked.resolve()
      return checked.promise
    },
    standings: { hold: () => () => {} },
    follow: () => {
      following++
      return { close: () => void following-- }
    },
    policy: { clientReads: 'pinned', requireWatchToken: false, orderIdsAreSecret: () => true },
    clientPayloads: 'redacted',
    budgets: NO_BUDGETS,
    timers: createManualTime().timers,
    log: silentLog,
  })
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  const gone = once(fastify.server, 'connection').then(([socket]) => once(socket, 'close'))
  const reader = connect((fastify.server.address() as AddressInfo).port, '127.0.0.1')
  reader.write('GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await asked.promise
  reader.destroy()
  await gone
  checked.resolve({ role: 'server', appId: 'app_1', keyId: 'key_1', scopes: ['read'] })
  await new Promise(setImmediate)
  expect(following).toBe(0)
  await fastify.close()
})
