/** What a command works with: the rows of a data folder, whether or not a server is running on it. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { ChangedBy } from '../access/actor.ts'
import { type AdminServices, createAdmin } from '../admin/create-admin.ts'
import type { AppRegistry, StripeAccess } from '../apps/app-registry.ts'
import { createStripePerApp } from '../apps/stripe-per-app.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { type EventFilter, eventWhere } from '../events/event-where.ts'
import { createReplayEvents, type ReplayEvents } from '../events/replay-events.ts'
import type { Log } from '../log.ts'
import { createOutbound } from '../outbound/create-outbound.ts'
import { createReach } from '../outbound/reach.ts'
import { createKeyRules, type KeyRulesService } from '../passthrough/key-rules.ts'
import { createForgetCustomer, type ForgetCustomer } from '../privacy/forget-customer.ts'
import { discardUnreadable } from '../secrets/discard-unreadable.ts'
import type { SecretPlace } from '../secrets/sealer.ts'
import type { HandlingState, StoredEvent } from '../store/event-store.ts'
import { createLiveAccount } from '../stripe/live-account.ts'
import { createStripeConnections } from '../stripe/stripe-connections.ts'
import { readConnection } from './connection-file.ts'
import { findDefaultApp } from './default-app.ts'
import { environmentStripe, type Foundation, openFoundation } from './open-foundation.ts'
import { replaceOperatorKeys } from './operator-key.ts'
import { inWords } from './start-error.ts'

export interface Workbench extends AdminServices, Pick<Foundation, 'store' | 'keyring' | 'sealer'> {
  readonly registry: AppRegistry
  readonly forgetCustomer: ForgetCustomer
  readonly replay: ReplayEvents
  /** The newest first. Throws `where_clause_invalid` or `column_unknown`. */
  listEvents(
    appId: string,
    filter: EventFilter & { readonly state?: HandlingState; readonly limit: number },
  ): Promise<readonly StoredEvent[]>
  /** Which calls to Stripe a server key may make. */
  readonly keyRules: Pick<KeyRulesService, 'show' | 'change'>
  /** Makes a new operator key; those before open nothing any more. @returns it in plain for the only time. */
  replaceOperatorKeys(by: ChangedBy): Promise<string>
  /** Takes away the sealed secrets that no key at hand opens. @returns where they stood */
  discardUnreadable(): Promise<readonly SecretPlace[]>
  /** Milliseconds since the epoch. */
  now(): number
  close(): Promise<void>
}

export async function openWorkbench(config: Config, log: Log): Promise<Workbench> {
  const clock = systemClock
  const random = randomBytes
  const foundation = await openFoundation(config, { clock, random, env: process.env, isGuest: true })
  const { store } = foundation
  try {
    const defaultApp = findDefaultApp(config, await store.apps.list())
    const connection = readConnection(config.TOLLBRIDGE_DATA_DIR)
    const registry = await foundation.openRegistry({
      defaultAppId: defaultApp?.appId ?? null,
      environment:
        defaultApp === null ? null : environmentStripe(config, defaultApp, connection?.sandboxUrl ?? null),
      log,
    })
    const timeoutMs = config.STRIPE_TIMEOUT_SECONDS * 1000
    const connections = createStripeConnections({
      trusted: [config.STRIPE_API_BASE ?? null, connection?.sandboxUrl ?? null],
      reachFor: createReach(config),
    })
    const waysTo = (access: StripeAccess) => ({ ...access, timeoutMs, wires: connections.wiresFor(access) })
    const admin = createAdmin({
      config,
      store,
      registry,
      values: foundation.secretValues,
      accountFor: createStripePerApp(registry, (access) => createLiveAccount(waysTo(access))),
      openAccount: (access) => createLiveAccount(waysTo(access)),
      exposedKeyFile: foundation.exposedKeyFile,
      outbound: createOutbound(config),
      localUrl: () => connection?.url ?? null,
      clock,
      random,
      newId: randomUUID,
    })
    return {
      ...admin,
      store,
      keyring: foundation.keyring,
      sealer: foundation.sealer,
      registry,
      forgetCustomer: createForgetCustomer({ events: store.events, attempts: store.paymentAttempts, clock }),
      replay: createReplayEvents({ events: store.events, clock }),
      listEvents: (appId, { state, limit, ...filter }) =>
        store.events.page({
          appId,
          where: eventWhere(filter),
          before: Number.MAX_SAFE_INTEGER,
          limit,
          ...(state === undefined ? {} : { state }),
        }),
      keyRules: createKeyRules({
        rules: store.passthroughRules,
        directory: registry.directory,
        now: () => clock.now(),
      }),
      replaceOperatorKeys: (by) => replaceOperatorKeys({ apps: store.apps, clock, random }, by),
      discardUnreadable: () => discardUnreadable(store.secrets, foundation.sealer),
      now: () => clock.now(),
      async close() {
        connections.close()
        await store.close()
      },
    }
  } catch (error) {
    await foundation.close()
    throw inWords(error)
  }
}
