/** The words that shoppers see, in English; `texts` of createTollbridge replaces any of them. */

export interface Texts {
  readonly title: string
  readonly save: string
  readonly cancel: string
  readonly close: string
  readonly loading: string
  readonly working: string
  readonly note: string
  readonly cardNumber: string
  readonly cardExpiry: string
  readonly cardCvc: string
  readonly card: string
  readonly failed: string
  readonly canceled: string
  /** Of the form of `pay`. */
  readonly payment: string
  /** On its button, before the amount. */
  readonly pay: string
  readonly priceChanged: string
  readonly reconnecting: string
  readonly unreachable: string
  /** What a message ended with could not be delivered to the app's server. */
  readonly undelivered: string
}

export const englishTexts: Texts = {
  title: 'Card details',
  save: 'Save',
  cancel: 'Cancel',
  close: 'Close',
  loading: 'Loading the form…',
  working: 'One moment…',
  note: 'Sent encrypted, straight to Stripe.',
  card: 'Card',
  cardNumber: 'Card number',
  cardExpiry: 'Expiry date',
  cardCvc: 'Security code',
  failed: 'That did not work. Please try again.',
  canceled: 'The form was closed before it was finished.',
  payment: 'Payment',
  pay: 'Pay',
  priceChanged: 'The price has changed. Please look at the new amount before you pay.',
  reconnecting: 'The connection was lost. Trying again…',
  unreachable: 'The connection was lost before the answer came. Please try again: you are not charged twice.',
  undelivered: 'This could not be finished. Please try again from the shop.',
}
