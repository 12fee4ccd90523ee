/** Every endpoint that the sandbox serves. */
import type { Route } from './api/route.ts'
import { chargeRoutes } from './resources/charges.ts'
import { eventRoutes } from './resources/events.ts'
import { paymentIntentRoutes } from './resources/payment-intents.ts'
import { paymentMethodRoutes } from './resources/payment-methods.ts'
import { tokenRoutes } from './resources/tokens.ts'
import { webhookEndpointRoutes } from './resources/webhook-endpoints.ts'

export const routes: Route[] = [
  ...chargeRoutes,
  ...eventRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...tokenRoutes,
  ...webhookEndpointRoutes,
]
