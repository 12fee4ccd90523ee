/** The price policy put together: the decision for payments, and the routes for operators and the app's server. */
import type { FastifyInstance } from 'fastify'
import type { RandomBytes } from '../access/api-keys.ts'
import type { AppId } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { AppAdmin } from '../http/app-admin.ts'
import type { ServerCaller } from '../http/server-caller.ts'
import type { AppMode } from '../store/app-store.ts'
import type { PriceStore } from '../store/price-store.ts'
import { registerCatalogRoutes } from './catalog-routes.ts'
import { createDecidePrice, type DecidePrice } from './decide-price.ts'
import { createOrderOfQuote, type OrderOfQuote } from './order-of-quote.ts'
import { registerPolicyRoutes } from './policy-routes.ts'
import { createReadPricePolicy } from './price-policy.ts'
import { createQuoteKeys } from './quote-keys.ts'
import { registerQuoteRoutes } from './quote-routes.ts'

export interface PricingDeps {
  readonly prices: PriceStore
  readonly config: Pick<
    Config,
    'PRICE_POLICY' | 'ALLOW_OPEN_PRICES' | 'PRICE_LIMITS' | 'ALLOW_CLIENT_CAPTURE'
  >
  readonly serverCaller: ServerCaller
  readonly appAdmin: AppAdmin
  modeOf(appId: AppId): AppMode
  /** The currency of a payment that names none. */
  currencyFor(appId: AppId): string
  /** 32 secret bytes of the app, sealed at rest. */
  signingKey(appId: AppId): Uint8Array
  readonly clock: Clock
  readonly random: RandomBytes
  newId(): string
}

export interface Pricing {
  readonly decidePrice: DecidePrice
  readonly orderOfQuote: OrderOfQuote
  registerRoutes(fastify: FastifyInstance): void
  /** Forgets quotes that are refused by their age alone. */
  sweep(): Promise<void>
}

const SWEPT_AT_ONCE = 500

export function createPricing({ config, ...deps }: PricingDeps): Pricing {
  const { prices, clock } = deps
  const now = () => clock.now()
  const readPolicy = createReadPricePolicy(prices, {
    policy: config.PRICE_POLICY,
    currencies: config.PRICE_LIMITS ?? null,
    allowOpen: config.ALLOW_OPEN_PRICES,
    allowClientCapture: config.ALLOW_CLIENT_CAPTURE,
  })
  const quoteKeys = createQuoteKeys({ ...deps, now })
  const parts = { ...deps, readPolicy, quoteKeys, now }
  return {
    decidePrice: createDecidePrice(parts),
    orderOfQuote: createOrderOfQuote(parts),
    registerRoutes(fastify) {
      registerPolicyRoutes(fastify, parts)
      registerQuoteRoutes(fastify, parts)
      registerCatalogRoutes(fastify, parts)
    },
    async sweep() {
      await prices.forgetQuoteUses(now(), SWEPT_AT_ONCE)
    },
  }
}
