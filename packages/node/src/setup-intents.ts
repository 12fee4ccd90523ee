/** Cards that are kept for later, without a charge. */
import type { Card, SetupIntent } from './answers.ts'
import type { List } from './auto-paging.ts'
import type { ConfirmFields } from './payments.ts'
import type { CallOptions } from './server-api.ts'
import { idInPath, type V1Client } from './v1-client.ts'

type CardFields = Pick<ConfirmFields, 'token' | 'paymentMethod' | 'returnUrl'>

export interface CreateSetupIntentFields extends CardFields {
  /** `cus_…`: who keeps the card. */
  readonly customer?: string
  /** Whether the payer will be there when it is charged; `off_session` unless named. */
  readonly usage?: 'on_session' | 'off_session'
  readonly description?: string
  readonly metadata?: Readonly<Record<string, string>>
}

export interface SetupIntents {
  create(fields?: CreateSetupIntentFields, options?: CallOptions): Promise<SetupIntent>
  retrieve(id: string, options?: CallOptions): Promise<SetupIntent>
  confirm(id: string, fields?: CardFields, options?: CallOptions): Promise<SetupIntent>
  cancel(
    id: string,
    fields?: { readonly reason?: 'abandoned' | 'duplicate' | 'requested_by_customer' },
    options?: CallOptions,
  ): Promise<SetupIntent>
}

export interface Cards {
  /** What a customer has saved, the newest first. */
  list(
    customer: string,
    fields?: { readonly limit?: number; readonly startingAfter?: string },
    options?: CallOptions,
  ): List<Card>
  /** Forgets a saved card. */
  detach(customer: string, card: string, options?: CallOptions): Promise<Card>
}

const SETUP_INTENTS = '/v1/setup_intents'

export function createSetupIntents(client: V1Client): SetupIntents {
  const at = (id: string, step = '') => `${SETUP_INTENTS}/${idInPath('a setup intent', id)}${step}`
  return {
    create: async (fields = {}, options = {}) => client.post(SETUP_INTENTS, fields, options),
    retrieve: async (id, options) => client.get(at(id), options),
    confirm: async (id, fields = {}, options = {}) => client.post(at(id, '/confirm'), fields, options),
    cancel: async (id, fields = {}, options = {}) => client.post(at(id, '/cancel'), fields, options),
  }
}

export function createCards(client: V1Client): Cards {
  const at = (customer: string) => `/v1/customers/${idInPath('a customer', customer)}/cards`
  return {
    list: (customer, fields = {}, options = {}) =>
      client.list<Card>(at(customer), fields, ({ id }) => ({ startingAfter: id }), options),
    detach: async (customer, card, options) =>
      client.delete(`${at(customer)}/${idInPath('a card', card)}`, options),
  }
}
