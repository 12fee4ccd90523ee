/** Whether a field of a call carries the number of a card. Pure. */

export interface CardNumbers {
  /** Whether a text holds the number of a card, alone or among other words. */
  isIn(text: string): boolean
  /** Whether these digits are the number of a card. */
  is(digits: string): boolean
}

export interface Field {
  /** As Stripe spells it: `card[number]`; of JSON: `card.number`. */
  readonly name: string
  readonly value: string
}

/** The last part of a name that Stripe, or somebody who writes to it, calls the number of a card. */
const NUMBER = /^(?:card|cc)?_?(?:number|num|no|pan)$/i
/**
 * Numbers of another kind that are as long, and what the app writes for itself, where an order of sixteen digits may well
 * look like a card: they count only where they are written as a card is.
 */
const OTHER_NUMBER =
  /^(?:account_number|routing_number|tracking_number|iban|phone|metadata|client_reference_id|query)$/i
/** As people and shops write a card: digits in groups. */
const IN_GROUPS = /\d{4}[\s.\-\u2010-\u2015]+\d{4}[\s.\-\u2010-\u2015]+\d{4}[\s.\-\u2010-\u2015]+\d{1,7}/

/** @returns the first field that carries one; its name says nothing of the number. */
export function findCardField(fields: readonly Field[], cards: CardNumbers): string | null {
  for (const field of fields) {
    // A name can be a number too, and is then not repeated.
    if (cards.isIn(field.name)) return 'body'
    if (carries(field, cards)) return field.name
  }
  return null
}

function carries({ name, value }: Field, cards: CardNumbers): boolean {
  const parts = name.split(/[[\].\s]+/).filter((part) => part !== '')
  const text = value.normalize('NFKC')
  if (NUMBER.test(parts.at(-1) ?? '')) return cards.is(text.replace(/\D/g, ''))
  const isOther = parts.some((part) => OTHER_NUMBER.test(part))
  return cards.isIn(text) && (!isOther || IN_GROUPS.test(text))
}
