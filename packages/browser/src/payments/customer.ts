/** tollbridge.customer: the saved cards of who is signed in, by a token that the app's server made for him. */
import type { PageApi } from '../page-api.ts'
import { TollbridgeError } from '../tollbridge-error.ts'
import type { Ui } from '../ui/create-ui.ts'
import { newKey } from './repeat.ts'

export interface SavedCard {
  readonly object: 'card'
  /** As `paymentMethod` of a payment takes it. */
  readonly id: string
  readonly brand: string
  readonly last4: string
  readonly exp_month: number
  readonly exp_year: number
  readonly funding: string
  readonly country: string | null
  /** Null once it is removed. */
  readonly customer: string | null
  /** Seconds since the epoch. */
  readonly created: number
}

/** Each rejects with TollbridgeError; `customer_token_expired` asks for a new token. */
export interface Customer {
  /** The newest first, a hundred at most. */
  cards(): Promise<readonly SavedCard[]>
  /** Shows the form. @returns the card that the server found saved @throws TollbridgeError `user_canceled` as its `type` when the shopper gave up */
  save(form?: {
    /** Shown as text. */
    readonly title?: string
    readonly elementType?: 'card' | 'split' | 'payment'
  }): Promise<SavedCard>
  remove(card: string): Promise<SavedCard>
}

/** @param token of `customers.token()` of @tollbridge/node, for who is signed in */
export type CustomerOf = (token: string) => Customer

const CARDS = '/v1/customers/me/cards'
const SETUP_INTENTS = '/v1/setup_intents'

interface SetupIntent {
  readonly id: string
  readonly client_secret: string
  readonly status: string
  readonly payment_method: string | null
}

export function createCustomer(api: PageApi, ui: Pick<Ui, 'sendMessage'>): CustomerOf {
  return (token) => {
    const { request } = api.actingFor(token)
    const cards = async (): Promise<readonly SavedCard[]> =>
      (await request<{ data: SavedCard[] }>('GET', `${CARDS}?limit=100`)).data
    return {
      cards,
      remove: (card) => request('DELETE', `${CARDS}/${encodeURIComponent(card)}`),
      async save(form) {
        const options = { body: {}, idempotencyKey: newKey() }
        const { id, client_secret } = await request<SetupIntent>('POST', SETUP_INTENTS, options)
        const { data } = await ui.sendMessage({
          scope: 'plugin:stripe',
          name: 'collectPaymentInformation',
          data: { retry: true, ...form, dataSecret: client_secret },
        }).settled
        // What the page heard is a claim; what is saved says the server.
        const { status, payment_method } = await request<SetupIntent>('GET', `${SETUP_INTENTS}/${id}`)
        const saved = (await cards()).find((it) => it.id === payment_method)
        if (status === 'succeeded' && saved) return saved
        throw new TollbridgeError((data as { error: TollbridgeError }).error)
      },
    }
  }
}
