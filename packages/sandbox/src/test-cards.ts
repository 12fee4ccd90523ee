/** Stripe's test cards: number, `pm_card_…` and `tok_…` names, and what happens when each is used. */

export interface Decline {
  code: string
  declineCode: string
  message: string
  /** Radar stopped it before the bank was asked. */
  blocked?: true
}

export interface TestCard {
  number: string
  /** Names after `pm_card_`. */
  pm: string[]
  /** Names after `tok_`. */
  tok: string[]
  brand: Brand
  funding?: 'debit' | 'prepaid'
  /** Every charge ends so; saving the card fails too, unless `savesAnyway`. */
  decline?: Decline
  savesAnyway?: true
  /** When the card asks for 3-D Secure. */
  authentication?: 'always' | 'until_set_up' | 'on_session' | 'on_request' | 'not_supported'
  /** How a charge ends once the authentication has passed. */
  declineAfterAuthentication?: Decline
  checks?: { cvc?: 'fail'; line1?: 'fail'; zip?: 'fail' }
  risk?: 'elevated' | 'highest'
  dispute?: { reason: string; inquiry?: true }
  refund?: 'pending' | 'fails'
  fundsAtOnce?: true
}

export type Brand = 'visa' | 'mastercard' | 'amex' | 'discover' | 'diners' | 'jcb' | 'unionpay'

const declined = (declineCode: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  declineCode,
  message,
})
const failedWith = (code: string, message: string): Decline => ({ code, declineCode: code, message })

const PROCESSING_ERROR = failedWith(
  'processing_error',
  'An error occurred while processing your card. Try again in a little bit.',
)
const INSUFFICIENT_FUNDS = declined('insufficient_funds', 'Your card has insufficient funds.')
const FRAUDULENT: Decline = { ...declined('fraudulent'), blocked: true }

/** What test mode answers to a number that could be a real card's. */
export const NOT_A_TEST_CARD = declined(
  'test_mode_live_card',
  'Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
)

/** What a card that wants 3-D Secure answers when nobody is there to pass it. */
export const AUTHENTICATION_REQUIRED: Decline = {
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
}

type Row = Omit<TestCard, 'number' | 'pm' | 'tok' | 'brand'> & { brand?: Brand }

/** One row; a name counts for `pm_card_` and `tok_` unless it starts with `pm:`. */
function card(number: string, names: string[], row: Row = {}): TestCard {
  const plain = names.map((name) => name.replace(/^pm:/, ''))
  return {
    brand: 'visa',
    ...row,
    number,
    pm: plain,
    tok: names.filter((name) => !name.startsWith('pm:')),
  }
}

export const TEST_CARDS: readonly TestCard[] = [
  card('4242424242424242', ['visa', 'us']),
  card('4000056655665556', ['visa_debit'], { funding: 'debit' }),
  card('5555555555554444', ['mastercard'], { brand: 'mastercard' }),
  card('2223003122003222', [], { brand: 'mastercard' }),
  card('5200828282828210', ['mastercard_debit'], { brand: 'mastercard', funding: 'debit' }),
  card('5105105105105100', ['mastercard_prepaid'], { brand: 'mastercard', funding: 'prepaid' }),
  card('378282246310005', ['amex', 'pm:amex_threeDSecureNotSupported'], {
    brand: 'amex',
    authentication: 'not_supported',
  }),
  card('371449635398431', [], { brand: 'amex' }),
  card('6011111111111117', ['discover'], { brand: 'discover' }),
  card('6011000990139424', [], { brand: 'discover' }),
  card('3056930009020004', ['diners'], { brand: 'diners' }),
  card('30569309025904', [], { brand: 'diners' }),
  card('3566002020360505', ['jcb'], { brand: 'jcb' }),
  card('6200000000000005', ['unionpay'], { brand: 'unionpay' }),
  card('4000000000000077', ['bypassPending'], { fundsAtOnce: true }),

  card('4000000000000002', ['chargeDeclined', 'visa_chargeDeclined'], {
    decline: declined('generic_decline'),
  }),
  card('4000000000009995', ['chargeDeclinedInsufficientFunds', 'visa_chargeDeclinedInsufficientFunds'], {
    decline: INSUFFICIENT_FUNDS,
  }),
  card('4000000000009987', ['chargeDeclinedLostCard', 'visa_chargeDeclinedLostCard'], {
    decline: declined('lost_card'),
  }),
  card('4000000000009979', ['chargeDeclinedStolenCard', 'visa_chargeDeclinedStolenCard'], {
    decline: declined('stolen_card'),
  }),
  card('4000000000000069', ['chargeDeclinedExpiredCard'], {
    decline: failedWith('expired_card', 'Your card has expired.'),
  }),
  card('4000000000000127', ['chargeDeclinedIncorrectCvc'], {
    decline: failedWith('incorrect_cvc', "Your card's security code is incorrect."),
    checks: { cvc: 'fail' },
  }),
  card('4000000000000119', ['chargeDeclinedProcessingError'], { decline: PROCESSING_ERROR }),
  card(
    '4000000000006975',
    ['visa_chargeDeclinedVelocityLimitExceeded', 'chargeDeclinedVelocityLimitExceeded'],
    {
      decline: declined(
        'card_velocity_exceeded',
        'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
      ),
    },
  ),
  card('4100000000000019', ['radarBlock', 'chargeDeclinedFraudulent'], {
    decline: FRAUDULENT,
    savesAnyway: true,
    risk: 'highest',
  }),
  card('4000000000004954', ['riskLevelHighest'], {
    decline: FRAUDULENT,
    savesAnyway: true,
    risk: 'highest',
  }),
  card('4000000000009235', ['riskLevelElevated'], { risk: 'elevated' }),
  card('4000000000000341', ['chargeCustomerFail'], {
    decline: declined('generic_decline'),
    savesAnyway: true,
  }),

  card('4000000000000101', ['cvcCheckFail'], { checks: { cvc: 'fail' } }),
  card('4000000000000036', ['avsZipFail'], { checks: { zip: 'fail' } }),
  card('4000000000000010', ['avsFail'], { checks: { line1: 'fail', zip: 'fail' } }),
  card('4000000000000028', ['avsLine1Fail'], { checks: { line1: 'fail' } }),

  card('4000000000000259', ['createDispute'], { dispute: { reason: 'fraudulent' } }),
  card('4000000000002685', ['createDisputeProductNotReceived'], {
    dispute: { reason: 'product_not_received' },
  }),
  card('4000000000001976', ['createDisputeInquiry'], {
    dispute: { reason: 'fraudulent', inquiry: true },
  }),
  card('4000000000007726', ['pendingRefund'], { refund: 'pending' }),
  card('4000000000005126', ['refundFail'], { refund: 'fails' }),

  card('4000002500003155', ['pm:authenticationRequiredOnSetup'], { authentication: 'until_set_up' }),
  card('4000002760003184', ['pm:authenticationRequired'], { authentication: 'always' }),
  card('4000003800000446', ['pm:authenticationRequiredSetupForOffSession'], {
    authentication: 'on_session',
  }),
  card('4000008260003178', ['pm:authenticationRequiredChargeDeclinedInsufficientFunds'], {
    authentication: 'always',
    declineAfterAuthentication: INSUFFICIENT_FUNDS,
  }),
  card('4000000000003220', ['threeDSecure2Required'], { authentication: 'always' }),
  card('4000000000003063', ['threeDSecureRequired'], { authentication: 'always' }),
  card('4000008400001629', ['pm:threeDSecureRequiredChargeDeclined'], {
    authentication: 'always',
    declineAfterAuthentication: declined('generic_decline'),
  }),
  card('4000008400001280', ['pm:threeDSecureRequiredProcessingError'], {
    authentication: 'always',
    declineAfterAuthentication: PROCESSING_ERROR,
  }),
  card('4000000000003055', ['threeDSecureOptional'], { authentication: 'on_request' }),
]

const byNumber = new Map(TEST_CARDS.map((entry) => [entry.number, entry]))
const byName = (prefix: string, names: (entry: TestCard) => string[]): Map<string, TestCard> =>
  new Map(TEST_CARDS.flatMap((entry) => names(entry).map((name) => [`${prefix}${name}`, entry])))
const byPaymentMethod = byName('pm_card_', (entry) => entry.pm)
const byToken = byName('tok_', (entry) => entry.tok)

export function testCardByNumber(number: string): TestCard | undefined {
  return byNumber.get(number)
}

/** The card that an alias such as `pm_card_visa` stands for. */
export function testCardByPaymentMethod(alias: string): TestCard | undefined {
  return byPaymentMethod.get(alias)
}

/** The card that an alias such as `tok_visa` stands for. */
export function testCardByToken(alias: string): TestCard | undefined {
  return byToken.get(alias)
}

/** How the first try to charge or to save the card of this number ends; null is a number that is no test card. */
export function declineOf(card: TestCard | null): Decline | undefined {
  return card === null ? NOT_A_TEST_CARD : card.decline
}
