/** The same server with the store taken out: what HTTP, verification and parsing cost by themselves. */
import { randomBytes, randomUUID } from 'node:crypto'
import { createApp } from '../../packages/server/src/app.ts'
import { systemClock } from '../../packages/server/src/clock.ts'
import { readConfig } from '../../packages/server/src/config.ts'
import { silentLog } from '../../packages/server/src/log.ts'
import { createMemoryStore } from '../../packages/server/src/store/memory/create-memory-store.ts'
import { createLiveGateway } from '../../packages/server/src/stripe/live-gateway.ts'
import { benchSettings } from '../bench-settings.ts'
import { SIGNING_SECRET } from '../webhook-load.ts'
import { serveAsChild } from './serve-as-child.ts'

const config = readConfig(benchSettings)
const memory = createMemoryStore()
let position = 0
const stripe = createLiveGateway({
  secretKey: 'sk_test_benchmarkBenchmark',
  apiBase: null,
  timeoutMs: 1000,
})
const app = createApp({
  config,
  apps: [
    {
      appId: 'app_bench',
      mode: 'test',
      clientKeys: ['tbc_bench'],
      serverKeyHashes: [],
      watchSigningKey: randomBytes(32),
      createdAt: 0,
    },
  ],
  store: {
    ...memory,
    events: {
      ...memory.events,
      insertOnce: async ({ receivedAt, ...event }) => ({
        outcome: 'stored',
        event: { ...event, position: ++position, created: receivedAt, updated: null, ownerId: null },
        lease: { appId: event.appId, position, token: 'none', attempt: 1 },
      }),
      finish: async () => 'done',
    },
  },
  stripeFor: () => stripe,
  signingSecrets: () => [SIGNING_SECRET],
  currencyFor: () => 'usd',
  clock: systemClock,
  log: silentLog,
  newId: randomUUID,
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
serveAsChild(url, () => app.stop())
