/** Customers of the app whose pages may use their saved cards. */
import type { CustomerToken } from './answers.ts'
import type { CallOptions } from './server-api.ts'
import { idInPath, type V1Client } from './v1-client.ts'

export interface Customers {
  /**
   * Lets a page act for a customer: list, choose, save and remove his cards. Make it for who is signed in, never for an
   * id that the page names. The token ends by itself, with the server key, and with the app.
   * @param customer `cus_…`
   */
  token(
    customer: string,
    fields?: {
      /** Seconds: 60 to 86400, 900 unless named. */
      readonly expiresIn?: number
    },
    options?: CallOptions,
  ): Promise<CustomerToken>
}

export function createCustomers(client: V1Client): Customers {
  return {
    token: async (customer, fields = {}, options = {}) =>
      client.post(`/v1/customers/${idInPath('a customer', customer)}/token`, fields, options),
  }
}
