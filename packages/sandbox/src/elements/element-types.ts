/** Which elements there are, the frame page of each, and what Stripe.js has or had beside them. */

export const FRAME_PAGES = {
  card: { page: 'elements-inner-card', title: 'Secure card payment input frame' },
  cardNumber: { page: 'elements-inner-card-number', title: 'Secure card number input frame' },
  cardExpiry: { page: 'elements-inner-card-expiry', title: 'Secure expiration date input frame' },
  cardCvc: { page: 'elements-inner-card-cvc', title: 'Secure CVC input frame' },
  payment: { page: 'elements-inner-payment', title: 'Secure payment input frame' },
  iban: { page: 'elements-inner-iban', title: 'Secure IBAN input frame' },
  expressCheckout: {
    page: 'elements-inner-express-checkout',
    title: 'Secure express checkout frame',
  },
} as const

export type ElementType = keyof typeof FRAME_PAGES

export const CHALLENGE_PAGE = 'three-ds-2-challenge'
/** The bank's part, inside the challenge. */
export const BANK_PAGE = 'three-ds-2-bank'

/** Stripe.js has them, the sandbox does not. */
export const ABSENT_TYPES: readonly string[] =
  `address auBankAccount contactDetails currencySelector linkAuthentication linkSignup paymentForm
  paymentMethodMessaging shippingAddress taxId terms issuingCardNumberDisplay issuingCardCvcDisplay
  issuingCardExpiryDisplay issuingCardPinDisplay issuingCardCopyButton issuingAddToWalletButton`.split(/\s+/)

/** Stripe.js had them once. */
export const REMOVED_TYPES: readonly string[] =
  'idealBank epsBank p24Bank fpxBank affirmMessage afterpayClearpayMessage paymentRequestButton'.split(' ')

export function isElementType(type: unknown): type is ElementType {
  return typeof type === 'string' && Object.hasOwn(FRAME_PAGES, type)
}
