/** The seam to a Stripe account as its operator sees it: is the key good, what may it do, which endpoints are there. */
import type { Stripe } from 'stripe'

export type EventType = Stripe.WebhookEndpointCreateParams.EnabledEvent
export type WebhookEndpoint = Stripe.WebhookEndpoint

/** What a restricted key can be allowed to do, in the words of Stripe's dashboard. */
export interface Permission {
  readonly resource: string
  readonly access: 'read' | 'write'
}

export type Greeting =
  | {
      readonly outcome: 'welcome'
      /** `acct_…`; null when a restricted key may not read the account. */
      readonly accountId: string | null
      /** Milliseconds since the epoch, from the header Date; null when the answer has none. */
      readonly stripeTime: number | null
    }
  | { readonly outcome: 'key_rejected' }
  /** `reason`: a sentence. */
  | { readonly outcome: 'unreachable'; readonly reason: string }

export interface EndpointParams {
  readonly url: string
  readonly enabledEvents: readonly EventType[]
}

/** The methods throw ServiceError, but where their outcome says otherwise. */
export interface StripeAccount {
  /** The API version that every call asks for and that new endpoints are pinned to. */
  readonly apiVersion: string
  greet(): Promise<Greeting>
  /** The permissions that the key lacks, of all that Tollbridge uses. Changes nothing at Stripe. */
  missingPermissions(): Promise<readonly Permission[]>
  publishableKeyWorks(publishableKey: string): Promise<boolean>
  listEndpoints(): Promise<readonly WebhookEndpoint[]>
  /** @returns the endpoint with its signing secret, which Stripe shows this once. */
  createEndpoint(params: EndpointParams): Promise<WebhookEndpoint & { readonly secret: string }>
  updateEndpoint(
    id: string,
    changes: {
      readonly url?: string
      readonly enabledEvents?: readonly EventType[]
      readonly disabled?: boolean
    },
  ): Promise<WebhookEndpoint>
  deleteEndpoint(id: string): Promise<void>
}
