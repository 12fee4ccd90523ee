/** The customer of a path below `/v1/customers`. */
import { CUSTOMER_ID, type CustomerId } from '../../access/customer-token.ts'
import { ServiceError } from '../../errors.ts'

/** Throws `resource_missing` for what no customer is called. */
export function customerId(id: string): CustomerId {
  if (CUSTOMER_ID.test(id)) return id as CustomerId
  throw new ServiceError('resource_missing', {
    message: `There is no customer ${id.slice(0, 80)}.`,
    param: 'id',
  })
}
