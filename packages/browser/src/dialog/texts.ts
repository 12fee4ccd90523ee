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
}

export const englishTexts: Texts = {
  title: 'Card details',
  save: 'Save',
  cancel: 'Cancel',
  close: 'Close',
  loading: 'Loading the form…',
  working: 'One moment…',
  note: 'Your details go straight to Stripe, encrypted.',
  card: 'Card',
  cardNumber: 'Card number',
  cardExpiry: 'Expiry date',
  cardCvc: 'Security code',
  failed: 'That did not work. Please try again.',
  canceled: 'The form was closed before it was finished.',
}
