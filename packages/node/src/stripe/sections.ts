/** The sections of Stripe's documentation that stood before each name in the first version of Slingr's endpoint. */

export const STRIPE_SECTIONS = [
  'coreResources',
  'paymentMethods',
  'checkout',
  'billing',
  'connect',
  'fraud',
  'issuing',
  'terminal',
  'orders',
  'sigma',
  'webhooks',
] as const

export type StripeSection = (typeof STRIPE_SECTIONS)[number]
