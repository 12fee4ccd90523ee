/** Every endpoint that the sandbox serves. */
import type { Route } from './api/route.ts'
import { accountRoutes } from './resources/account.ts'
import { balanceRoutes } from './resources/balance.ts'
import { chargeRoutes } from './resources/charges.ts'
import { authenticationRoutes } from './resources/complete-authentication.ts'
import { confirmationTokenRoutes } from './resources/confirmation-tokens.ts'
import { customerSourceRoutes } from './resources/customer-sources.ts'
import { customerRoutes } from './resources/customers.ts'
import { disputeRoutes } from './resources/disputes.ts'
import { eventRoutes } from './resources/events.ts'
import { paymentIntentRoutes } from './resources/payment-intents.ts'
import { paymentMethodRoutes } from './resources/payment-methods.ts'
import { refundRoutes } from './resources/refunds.ts'
import { setupIntentRoutes } from './resources/setup-intents.ts'
import { tokenRoutes } from './resources/tokens.ts'
import { webhookEndpointRoutes } from './resources/webhook-endpoints.ts'

export const routes: Route[] = [
  ...accountRoutes,
  ...authenticationRoutes,
  ...balanceRoutes,
  ...chargeRoutes,
  ...confirmationTokenRoutes,
  ...customerRoutes,
  ...customerSourceRoutes,
  ...disputeRoutes,
  ...eventRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...tokenRoutes,
  ...webhookEndpointRoutes,
]
