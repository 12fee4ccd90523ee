/** confirmPayment and confirmSetup: the elements of a group pay, or are saved. */

import { ElementsGroup } from './elements-group.ts'
import type { Options } from './host-element.ts'
import { IntegrationError } from './integration-error.ts'
import {
  type ClientSecret,
  type IntentKind,
  type Intents,
  intentResult,
  leaveFor,
  requireClientSecret,
} from './intents.ts'
import { sendElement } from './payment-methods.ts'

export interface ConfirmWithElements {
  kind: IntentKind
  caller: 'confirmPayment' | 'confirmSetup'
  intents: Intents
}

export async function confirmWithElements(
  { kind, caller, intents }: ConfirmWithElements,
  options: Options,
): Promise<Options> {
  const { elements, redirect = 'always' } = options
  const params = (options['confirmParams'] ?? {}) as Options
  if (redirect !== 'always' && redirect !== 'if_required') {
    throw new IntegrationError(
      `Invalid value for stripe.${caller}(): redirect should be 'always' or 'if_required'.`,
    )
  }
  if (elements !== undefined && !(elements instanceof ElementsGroup)) {
    throw new IntegrationError(`Invalid value for stripe.${caller}(): elements should be an Elements object.`)
  }
  const returnUrl = params['return_url']
  if (redirect === 'always' && typeof returnUrl !== 'string') {
    throw new IntegrationError(
      `Invalid value for stripe.${caller}(): confirmParams.return_url is required unless redirect is 'if_required'.`,
    )
  }
  const secret = requireClientSecret(options['clientSecret'] ?? elements?._clientSecret, kind, caller)
  const fields = await fieldsFor(elements, params, caller)
  if ('error' in fields) return fields
  const result = await intents.confirm(secret, fields)
  if (result.error || redirect === 'if_required') return intentResult(result)
  return leaveFor(returnAddress(String(returnUrl), secret, String(result.object['status'])))
}

/** The body of the confirm call, or `{error}` when the form is not filled in, or its card is refused. */
async function fieldsFor(
  elements: ElementsGroup | undefined,
  params: Options,
  caller: string,
): Promise<Options> {
  const { payment_method_data: data, payment_method: method, expand: _, ...rest } = params
  if (method !== undefined || !elements) return { ...rest, payment_method: method }
  const { object, error } = await sendElement(
    elements._payerFor(caller),
    'createPaymentMethod',
    (data ?? {}) as Options,
  )
  return error ? { error } : { ...rest, payment_method: object.id }
}

function returnAddress(returnUrl: string, { kind, id, secret }: ClientSecret, status: string): string {
  const target = new URL(returnUrl, window.location.href)
  target.searchParams.set(kind, id)
  target.searchParams.set(`${kind}_client_secret`, secret)
  target.searchParams.set('redirect_status', status === 'processing' ? 'pending' : 'succeeded')
  return target.href
}
