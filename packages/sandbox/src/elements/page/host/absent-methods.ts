/** Methods that Stripe.js had, or that only Stripe itself can serve: calling one says so. */
import { IntegrationError } from './integration-error.ts'

const REPLACED: Readonly<Record<string, string>> = {
  handleCardPayment: 'confirmCardPayment',
  confirmPaymentIntent: 'confirmCardPayment',
  handleFpxPayment: 'confirmPayment',
  handleCardSetup: 'confirmCardSetup',
  confirmSetupIntent: 'confirmCardSetup',
  createSource: 'createPaymentMethod',
  retrieveSource: 'retrievePaymentIntent',
  paymentRequest: "elements.create('expressCheckout')",
  initEmbeddedCheckout: 'createEmbeddedCheckoutPage',
  initCheckout: 'initCheckoutElementsSdk',
  redirectToCheckout: "a redirect to the session's url",
}

const METHODS =
  `AcssDebit Affirm AfterpayClearpay Alipay AmazonPay AuBecsDebit BacsDebit Bancontact Billie Blik Boleto
  Cashapp CustomerBalance Eps Fpx Giropay GrabPay Ideal Klarna Konbini Mobilepay Multibanco Oxxo P24 PayByBank PayNow
  PayPal Pix PromptPay Sofort Twint UsBankAccount WechatPay`.split(/\s+/)

const NOT_HERE = [
  ...METHODS.flatMap((method) => [`confirm${method}Payment`, `confirm${method}Setup`]),
  ...`collectBankAccountForPayment collectBankAccountForSetup collectBankAccountToken
  collectFinancialConnectionsAccounts createEmbeddedCheckoutPage createEphemeralKeyNonce createRadarSession
  initCheckoutElementsSdk initCheckoutFormSdk initializePricing verifyIdentity verifyMicrodepositsForPayment
  verifyMicrodepositsForSetup processOrder retrieveOrder`.split(/\s+/),
]

/** Each throws an IntegrationError that names the way out. */
export function absentMethods(): Record<string, () => never> {
  const methods: Record<string, () => never> = {}
  for (const name of NOT_HERE) {
    methods[name] = () => {
      throw new IntegrationError(
        `stripe.${name}() is not available in this sandbox, which knows cards and SEPA debits.`,
      )
    }
  }
  for (const [name, instead] of Object.entries(REPLACED)) {
    methods[name] = () => {
      throw new IntegrationError(`stripe.${name}() was removed from Stripe.js. Use ${instead} instead.`)
    }
  }
  return methods
}
