/** The same server with the store taken out: what HTTP, verification and parsing cost by themselves. */
import { randomBytes, randomUUID } from 'node:crypto'
import { createApp } from '../../packages/server/src/app.ts'
import { openAppRegistry } from '../../packages/server/src/apps/app-registry.ts'
import { systemClock, systemSteadyClock } from '../../packages/server/src/clock.ts'
import { readConfig } from '../../packages/server/src/config.ts'
import { silentLog } from '../../packages/server/src/log.ts'
import { createOutbound } from '../../packages/server/src/outbound/create-outbound.ts'
import { makeMasterKey } from '../../packages/server/src/secrets/master-key.ts'
import { createSealer } from '../../packages/server/src/secrets/sealer.ts'
import { createSecretValues } from '../../packages/server/src/secrets/secret-value.ts'
import { undecidedSettings } from '../../packages/server/src/store/app-store.ts'
import { createMemoryStore } from '../../packages/server/src/store/memory/create-memory-store.ts'
import { createStripeForwarder } from '../../packages/server/src/stripe/http-forwarder.ts'
import { createLiveAccount } from '../../packages/server/src/stripe/live-account.ts'
import { createLiveGateway } from '../../packages/server/src/stripe/live-gateway.ts'
import { trustedWires } from '../../packages/server/src/stripe/stripe-connections.ts'
import { createStripeTime } from '../../packages/server/src/stripe/stripe-time.ts'
import { benchSettings } from '../bench-settings.ts'
import { SIGNING_SECRET } from '../webhook-load.ts'
import { serveAsChild } from './serve-as-child.ts'

const config = readConfig(benchSettings)
const memory = createMemoryStore()
let position = 0
const access = {
  secretKey: 'sk_test_benchmarkBenchmark',
  apiBase: null,
  timeoutMs: 1000,
  time: createStripeTime({ clock: systemClock, steady: systemSteadyClock }),
}
const stripe = createLiveGateway(access)
const account = createLiveAccount(access)
const forwarder = createStripeForwarder({ ...access, wires: trustedWires() })
const masterKey = makeMasterKey(randomBytes)
const keyring = { source: 'environment', current: () => masterKey, find: () => masterKey } as const
const sealer = createSealer({ keyring, random: randomBytes })
const secretValues = createSecretValues({ sealer, env: {} })
await memory.apps.insert({
  ...undecidedSettings,
  appId: 'app_bench',
  mode: 'test',
  origin: 'environment',
  clientKeys: ['tbc_bench'],
  serverKeys: [],
  createdAt: 0,
})
const registry = await openAppRegistry({
  store: memory,
  values: secretValues,
  defaultAppId: 'app_bench',
  environment: {
    ...access,
    appId: 'app_bench',
    publishableKey: null,
    signingSecrets: [SIGNING_SECRET],
    currency: 'usd',
  },
  fallbackCurrency: 'usd',
  clock: systemClock,
  random: randomBytes,
  log: silentLog,
})
const app = createApp({
  config,
  registry,
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
  forwarderFor: () => forwarder,
  accountFor: () => account,
  openAccount: () => account,
  examples: () => null,
  secretValues,
  outbound: createOutbound(config),
  letGoOfStripe() {},
  exposedKeyFile: () => null,
  random: randomBytes,
  clock: systemClock,
  steady: systemSteadyClock,
  log: silentLog,
  newId: randomUUID,
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
serveAsChild(url, () => app.stop())
