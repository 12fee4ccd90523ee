/** Makes tokens and payment methods of what was typed: the frames send it, the page never sees it. */
import type { ApiClient, ApiResult } from '../shared/api-client.ts'
import { groupOf } from './elements-group.ts'
import { HostElement, type Options } from './host-element.ts'
import { IntegrationError } from './integration-error.ts'

/** Sends an element's card or account, with further fields of the page. */
export async function sendElement(
  element: HostElement,
  method: 'createPaymentMethod' | 'createToken' | 'createConfirmationToken',
  fields: Options,
): Promise<ApiResult> {
  if (element._type === 'cardExpiry' || element._type === 'cardCvc') {
    throw new IntegrationError(
      `The ${element._type} Element cannot be used alone: pass the cardNumber Element of its group.`,
    )
  }
  const group = groupOf(element)
  if (group && element._type === 'cardNumber') await element._ask('group', { peers: group._peerFrames() })
  return (await element._ask(method, JSON.parse(JSON.stringify(fields)))) as ApiResult
}

/** What the calls take as `card`: an element, or a token in its place. */
export async function createPaymentMethod(api: ApiClient, data: Options, caller: string): Promise<ApiResult> {
  const { type } = data
  const key = type === 'sepa_debit' ? 'sepa_debit' : 'card'
  const given = data[key]
  const nested = given instanceof HostElement ? given : (given as Options | undefined)?.['iban']
  if (nested instanceof HostElement) {
    const { [key]: _, ...rest } = data
    return sendElement(nested, 'createPaymentMethod', rest)
  }
  if (given === null || typeof given !== 'object') {
    throw new IntegrationError(
      `Invalid value for ${caller}: ${key} should be an Element or an object. You specified: ${String(given)}.`,
    )
  }
  if ('number' in given) {
    throw new IntegrationError(
      `${caller}: card numbers are not accepted from the page. Use an Element, so that they never enter it.`,
    )
  }
  return api.post('/v1/payment_methods', data)
}
