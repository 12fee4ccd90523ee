/** Whether a field of a call carries the number of a card. Pure. */

export interface CardNumbers {
  /** Whether a text holds the number of a card, alone or among other words. */
  isIn(text: string): boolean
  /** The same, where it is written as people and shops write a card: digits in groups. */
  isGroupedIn(text: string): boolean
  /** Whether the digits of a text, whatever stands between them, are the number of a card. */
  is(text: string): boolean
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
/** @returns the first field that carries one; its name says nothing of the number. */
export function findCardField(fields: readonly Field[], cards: CardNumbers): string | null {
  for (const field of fields) {
    // A name can be a number too, and is then not repeated.
    if (cards.isIn(field.name)) return 'body'
    if (carries(field, cards)) return field.name
  }
  return findInPieces(fields, cards)
}

function carries({ name, value }: Field, cards: CardNumbers): boolean {
  const parts = partsOf(name)
  if (NUMBER.test(parts.at(-1) ?? '')) return cards.is(value)
  return parts.some((part) => OTHER_NUMBER.test(part)) ? cards.isGroupedIn(value) : cards.isIn(value)
}

/** A number that is handed over in a list of its pieces: `card[number][0]`, `card[number][1]`. */
function findInPieces(fields: readonly Field[], cards: CardNumbers): string | null {
  const pieces = new Map<string, string>()
  for (const { name, value } of fields) {
    const parts = partsOf(name).filter((part) => !/^\d+$/.test(part))
    if (!NUMBER.test(parts.at(-1) ?? '')) continue
    const whole = parts.join('.')
    const joined = (pieces.get(whole) ?? '') + value
    if (cards.is(joined)) return whole
    pieces.set(whole, joined)
  }
  return null
}

function partsOf(name: string): string[] {
  return name.split(/[[\].\s]+/).filter((part) => part !== '')
}
