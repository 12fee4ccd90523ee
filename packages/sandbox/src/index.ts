/** A local Stripe for tests and first steps: API, signed webhooks, test cards, a clock to advance. */
export { type Clock, createManualClock, type ManualClock } from './clock.ts'
export {
  createSandbox,
  type Sandbox,
  type SandboxOptions,
  type WebhookEndpointRequest,
} from './create-sandbox.ts'
export type { DeliveryFaults, HeldDelivery } from './delivery-queue.ts'
export type { AuthenticationResult } from './resources/complete-authentication.ts'
