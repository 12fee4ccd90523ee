/** Who asks, and what he may see: keys, watch tokens and the sessions of pages. */

import type { App as RegisteredApp } from '../access/app-directory.ts'
import { createCustomerTokens } from '../access/customer-token.ts'
import { createStandings } from '../access/standings.ts'
import { createUiSessionTokens } from '../access/ui-session-token.ts'
import { createWatchTokens, type WatchTokens } from '../access/watch-token.ts'
import { createAdminAccess, createAppAdmin } from '../admin/admin-access.ts'
import type { AppRegistry } from '../apps/app-registry.ts'
import { createAuthenticator } from '../http/authenticate.ts'
import { createReadServerPrincipal, createServerCaller } from '../http/server-caller.ts'
import { createReadCustomer } from '../payments/doors/acting-customer.ts'
import type { AppDeps } from './app-deps.ts'

export type Access = ReturnType<typeof wireAccess>

export function wireAccess({
  config,
  registry,
  store,
  clock,
}: Pick<AppDeps, 'config' | 'registry' | 'store' | 'clock'>) {
  const { directory } = registry
  const watchTokens = perSigningKey(registry, (signingKey) =>
    createWatchTokens({ clock, signingKey, lifetimeSeconds: config.WATCH_TOKEN_LIFETIME_SECONDS }),
  )
  const authenticator = createAuthenticator({ directory, watchTokens })
  const standings = createStandings({ directory, signingKeyMark: registry.signingKeyMark })
  const adminAccess = createAdminAccess({ authenticate: authenticator.fromHeaders, apps: store.apps })
  const servedKey = (appId: string) =>
    isServed(directory.find(appId)) ? registry.watchSigningKey(appId) : null
  const customerTokens = createCustomerTokens({
    clock,
    signingKey: servedKey,
    hasServerKey: (appId, keyId) => directory.serverKey(appId, keyId)?.scopes.includes('payments') ?? false,
  })
  /** Of an app that is gone: the strictest. */
  const modeOf = (appId: string) => directory.find(appId)?.mode ?? 'live'
  const signWatchToken: WatchTokens['sign'] = (appId, scope) => watchTokens(appId).sign(appId, scope)
  return {
    directory,
    authenticator,
    serverCaller: createServerCaller(authenticator.fromHeaders),
    adminAccess,
    appAdmin: createAppAdmin({ access: adminAccess, directory }),
    policy: {
      clientReads: config.CLIENT_READS,
      requireWatchToken: config.REQUIRE_WATCH_TOKEN,
      orderIdsAreSecret: (appId: string) => config.ORDER_IDS_ARE_SECRET ?? modeOf(appId) === 'sandbox',
    },
    clientPayloads: config.CLIENT_PAYLOADS,
    watchTokens: { sign: signWatchToken },
    customerTokens,
    readCustomer: createReadCustomer(customerTokens),
    uiSessionTokens: createUiSessionTokens({
      clock,
      signingKey: servedKey,
      hasServerKey: (appId, keyId) => directory.serverKey(appId, keyId)?.scopes.includes('ui') ?? false,
    }),
    standings,
    readServerPrincipal: createReadServerPrincipal(authenticator.fromHeaders),
    modeOf,
  }
}

function isServed(app: Pick<RegisteredApp, 'disabledAt'> | null): boolean {
  return app !== null && (app.disabledAt ?? null) === null
}

/** The watch tokens of each app, made at their first use, and again when its signing key is another. */
function perSigningKey(
  registry: Pick<AppRegistry, 'watchSigningKey' | 'signingKeyMark'>,
  make: (signingKey: Uint8Array) => WatchTokens,
): (appId: string) => WatchTokens {
  const made = new Map<string, { readonly mark: string; readonly tokens: WatchTokens }>()
  return (appId) => {
    const mark = registry.signingKeyMark(appId)
    const held = made.get(appId)
    if (held?.mark === mark) return held.tokens
    const tokens = make(registry.watchSigningKey(appId))
    made.set(appId, { mark, tokens })
    return tokens
  }
}
