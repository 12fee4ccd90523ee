/** Everything that moves money: the price, the guard, the payment itself, and Stripe's own API for the app's server. */
import { SCOPES } from '../access/scopes.ts'
import { createGuard } from '../guard/create-guard.ts'
import type { Connections } from '../http/connections.ts'
import { createPassthrough } from '../passthrough/create-passthrough.ts'
import type { RowsBehind } from '../payments/attempts/catch-up.ts'
import { type Caller, NOTHING_SHOWN } from '../payments/caller.ts'
import { createPayments } from '../payments/create-payments.ts'
import { findCardNumber, holdsGroupedCardNumber, isCardNumber } from '../payments/doors/card-number.ts'
import { createCharge } from '../payments/doors/create-charge.ts'
import { createTellPayer } from '../payments/doors/tell-payer.ts'
import { createPricing } from '../pricing/create-pricing.ts'
import type { Timers } from '../realtime/timers.ts'
import { createCardFingerprints } from '../stripe/card-fingerprint.ts'
import type { AppDeps } from './app-deps.ts'
import type { Access } from './wire-access.ts'

type Deps = Pick<
  AppDeps,
  | 'config'
  | 'registry'
  | 'store'
  | 'stripeFor'
  | 'forwarderFor'
  | 'outbound'
  | 'clock'
  | 'steady'
  | 'log'
  | 'random'
  | 'newId'
> & {
  readonly access: Access
  readonly connections: Connections
  readonly timers: Timers
  readonly rowsBehind: RowsBehind
  pause(ms: number): Promise<void>
}

export function wirePayments(deps: Deps) {
  const { config, registry, store, stripeFor, access, clock, timers, log, newId } = deps
  const { serverCaller, appAdmin, modeOf } = access

  const pricing = createPricing({
    prices: store.prices,
    config,
    serverCaller,
    appAdmin,
    modeOf,
    currencyFor: registry.currencyFor,
    signingKey: registry.watchSigningKey,
    clock,
    random: deps.random,
    newId,
  })
  const fingerprints = createCardFingerprints(stripeFor, log)
  const guard = createGuard({
    guard: store.guard,
    outbound: deps.outbound,
    config,
    appAdmin,
    modeOf,
    cardFingerprint: fingerprints.ofCard,
    declinedFingerprint: fingerprints.ofDeclined,
    cancelPayment: async (appId, paymentIntentId) => {
      await payments.change(asServer(appId), { operation: 'cancel', paymentIntentId, params: {}, card: null })
    },
    clock,
    log,
  })
  const payments = createPayments({
    attempts: store.paymentAttempts,
    stored: store.payments,
    stripeFor,
    rowsBehind: deps.rowsBehind,
    repeatWindowMs: config.REPEAT_WINDOW_SECONDS * 1000,
    stripeTimeoutMs: config.STRIPE_TIMEOUT_SECONDS * 1000,
    decidePrice: pricing.decidePrice,
    admitAttempt: guard.admitAttempt,
    reportAttempt: guard.reportAttempt,
    orderOfQuote: pricing.orderOfQuote,
    noteRefusedProof: guard.noteRefusedProof,
    clock,
    steady: deps.steady,
    every: timers.every,
    pause: deps.pause,
    log,
    newId,
  })
  const charge = createCharge({
    pay: payments.pay,
    watchTokens: access.watchTokens,
    readCustomer: access.readCustomer,
    tellPayer: createTellPayer({ attempts: store.paymentAttempts, watchTokens: access.watchTokens }),
  })
  const passthrough = createPassthrough({
    connections: deps.connections,
    audit: store.passthroughAudit,
    rules: store.passthroughRules,
    directory: access.directory,
    forwarderFor: deps.forwarderFor,
    assertChargesGoOn: guard.assertChargesGoOn,
    cards: {
      isIn: (text) => findCardNumber(text) !== null,
      isGroupedIn: holdsGroupedCardNumber,
      is: isCardNumber,
    },
    retentionDays: config.RETENTION_DAYS,
    clock,
    after: timers.after,
    log,
    newId,
  })
  return { pricing, guard, payments, charge, passthrough }
}

/** What the server does to a payment by itself. */
function asServer(appId: string): Caller {
  return {
    principal: { role: 'server', appId, keyId: null, scopes: SCOPES },
    address: null,
    clientKey: null,
    captcha: null,
    callerKey: null,
    account: '',
    customer: null,
    shown: NOTHING_SHOWN,
  }
}
