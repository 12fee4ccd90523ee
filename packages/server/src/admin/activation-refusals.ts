/** Why an app is not activated, in sentences that name the field and the fix. */
import { ServiceError } from '../errors.ts'
import type { WebhookEndpoint } from '../stripe/stripe-account.ts'

export interface ActivationProblem {
  /** The field at fault, as the caller spelled it. */
  readonly param: string
  /** What is wrong and how to mend it. */
  readonly message: string
}

/** Every problem at once; nothing was changed. */
export function refused(problems: readonly ActivationProblem[]): ServiceError {
  const [first] = problems
  return new ServiceError('activation_refused', {
    message: `The app was not activated. ${problems.map(({ message }) => message).join(' ')}`,
    ...(first === undefined ? {} : { param: first.param }),
    details: { problems },
  })
}

export function secretUnknown({ id, url }: WebhookEndpoint): ServiceError {
  return new ServiceError('signing_secret_unknown', {
    message: `Stripe has the webhook endpoint ${id} for ${url} already, and shows its signing secret only when it is made. Either copy the secret from the Stripe dashboard (Developers, Webhooks, this endpoint, Reveal) and send it as signing_secret (--signing-secret), or send replace (--replace) to delete the endpoint and make a new one; deliveries that Stripe still repeats for the old one then come through gap repair. Nothing was changed.`,
    param: 'signing_secret',
    details: { webhook_endpoint: id },
  })
}
