/** `/v1/admin/price_policy`: who names the price in this app, and within which limits. */
import type { FastifyInstance } from 'fastify'
import type { AppId } from '../access/principal.ts'
import { ServiceError } from '../errors.ts'
import { type AppAdmin, administeredQuery } from '../http/app-admin.ts'
import { parseBody } from '../http/parse-body.ts'
import type { RouteDoc } from '../http/route-doc.ts'
import type { AppMode } from '../store/app-store.ts'
import type { CurrencyLimit, PriceStore } from '../store/price-store.ts'
import { policyAnswer } from './answers.ts'
import { checkMinorUnits, requireCurrency } from './check-amount.ts'
import type { PricePolicy, ReadPricePolicy } from './price-policy.ts'
import { policySchema } from './schema.ts'

export interface PolicyRoutesDeps {
  readonly prices: Pick<PriceStore, 'putPolicy'>
  readonly readPolicy: ReadPricePolicy
  readonly appAdmin: AppAdmin
  modeOf(appId: AppId): AppMode
  now(): number
}

const doc = (it: Omit<RouteDoc, 'tag' | 'keys'>) => ({
  config: {
    doc: { ...it, tag: 'Prices', keys: ['operator', 'server'], query: administeredQuery } satisfies RouteDoc,
  },
})

export function registerPolicyRoutes(fastify: FastifyInstance, deps: PolicyRoutesDeps): void {
  const { prices, readPolicy, appAdmin, modeOf, now } = deps

  fastify.get(
    '/v1/admin/price_policy',
    doc({ summary: 'Retrieve the price policy', scope: 'read', answer: policyAnswer }),
    async (request) => {
      const { appId } = await appAdmin(request)
      return policyJson(await readPolicy(appId), modeOf(appId))
    },
  )

  /** Changes what is named and leaves the rest. */
  fastify.post(
    '/v1/admin/price_policy',
    doc({
      summary: 'Change the price policy',
      scope: 'admin',
      description: 'What is named changes; the rest stays.',
      body: policySchema,
      answer: policyAnswer,
    }),
    async (request) => {
      const { appId, by } = await appAdmin(request)
      const wanted = parseBody(policySchema, request.body)
      const before = await readPolicy(appId)
      const policy: PricePolicy = {
        policy: wanted.policy ?? before.policy,
        currencies: wanted.currencies === undefined ? before.currencies : limitsOf(wanted.currencies),
        allowOpen: wanted.allow_open ?? before.allowOpen,
        allowClientCapture: wanted.allow_client_capture ?? before.allowClientCapture,
        updatedAt: now(),
      }
      if (wanted.policy === 'open' && modeOf(appId) === 'live' && !policy.allowOpen) {
        throw new ServiceError('open_prices_refused', {
          message:
            'With the policy open, whoever can reach this live app decides what to pay. Send "allow_open": true with it if that is meant.',
          param: 'policy',
        })
      }
      const json = policyJson(policy, modeOf(appId))
      const { object: _object, updated: _updated, mode: _mode, ...details } = json
      await prices.putPolicy(
        { appId, ...policy, updatedAt: now() },
        { ...by, at: now(), appId, action: 'price_policy.changed', target: null, details },
      )
      return json
    },
  )
}

type WantedLimits = readonly {
  readonly currency: string
  readonly min_amount: number | null
  readonly max_amount: number | null
}[]

function limitsOf(wanted: WantedLimits | null): readonly CurrencyLimit[] | null {
  if (wanted === null) return null
  return wanted.map(({ currency: code, min_amount: minAmount, max_amount: maxAmount }, index) => {
    const currency = requireCurrency(code, `currencies.${index}.currency`)
    if (minAmount !== null) checkMinorUnits(minAmount, currency, `currencies.${index}.min_amount`)
    if (maxAmount !== null) checkMinorUnits(maxAmount, currency, `currencies.${index}.max_amount`)
    return { currency: code, minAmount, maxAmount }
  })
}

function policyJson(of: PricePolicy, mode: AppMode) {
  const { policy, currencies, allowOpen, allowClientCapture, updatedAt } = of
  return {
    object: 'price_policy',
    policy,
    currencies:
      currencies?.map(({ currency, minAmount, maxAmount }) => ({
        currency,
        min_amount: minAmount,
        max_amount: maxAmount,
      })) ?? null,
    allow_open: allowOpen,
    allow_client_capture: allowClientCapture,
    mode,
    /** null: the settings decide, nothing was set for this app. */
    updated: updatedAt === null ? null : Math.floor(updatedAt / 1000),
  }
}
