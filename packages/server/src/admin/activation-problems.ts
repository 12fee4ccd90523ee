/** What is missing from an activation or does not fit, all at once, each with its fix. */
import { isReference } from '../secrets/secret-value.ts'
import type { AppRecord } from '../store/app-store.ts'
import type { ActivationProblem } from './activation-refusals.ts'
import { isSigningSecret, publishableKeyMode, type StripeMode, secretKeyMode } from './key-form.ts'

/** What an activation comes down to once everything known is filled in; undefined: missing. */
export type WantedValues = Readonly<
  Record<'secret_key' | 'publishable_key' | 'public_url' | 'currency', string | undefined>
>

/** Pure: checks the form of everything at once, and that it fits together. */
export function findProblems(
  values: WantedValues,
  context: {
    readonly app: AppRecord | null
    readonly signingSecret: string | undefined
    readonly apiBase: string | null
  },
): readonly ActivationProblem[] {
  const problems: ActivationProblem[] = []
  const add = (param: string, message: string) => void problems.push({ param, message })
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') add(name, `${name} is missing.`)
  }
  const { secret_key, publishable_key, public_url, currency } = values
  const mode = secret_key === undefined ? null : secretKeyMode(secret_key)
  const publishableMode = publishable_key === undefined ? null : publishableKeyMode(publishable_key)
  if (secret_key !== undefined && mode === null) {
    add(
      'secret_key',
      'secret_key is no secret or restricted key of Stripe: it starts with sk_test_, sk_live_, rk_test_ or rk_live_.',
    )
  }
  if (publishable_key !== undefined && publishableMode === null) {
    add(
      'publishable_key',
      'publishable_key is no publishable key of Stripe: it starts with pk_test_ or pk_live_.',
    )
  }
  if (mode !== null && publishableMode !== null && mode !== publishableMode) {
    add(
      'publishable_key',
      `secret_key is a ${mode} key and publishable_key a ${publishableMode} key: take both from one mode.`,
    )
  }
  if (mode !== null && context.app !== null && context.app.mode !== mode) {
    add(
      'secret_key',
      `secret_key is a ${mode} key and the app ${context.app.appId} is a ${context.app.mode} app for good: make another app for ${mode}.`,
    )
  }
  if (public_url !== undefined) problems.push(...urlProblems(public_url, mode))
  if (currency !== undefined && !/^[a-z]{3}$/.test(currency)) {
    add('currency', 'currency is not a lowercase three-letter ISO code such as usd.')
  }
  if (
    context.signingSecret !== undefined &&
    !isReference(context.signingSecret) &&
    !isSigningSecret(context.signingSecret)
  ) {
    add('signing_secret', 'signing_secret is no signing secret of Stripe: it starts with whsec_.')
  }
  if (
    mode === 'live' &&
    context.apiBase !== null &&
    !/^https:\/\/(?!localhost|127\.)/.test(context.apiBase)
  ) {
    add('api_base', 'api_base is this machine or not https, and a live key is never sent to a sandbox.')
  }
  return problems
}

function urlProblems(publicUrl: string, mode: StripeMode | null): ActivationProblem[] {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== publicUrl) {
    return [
      {
        param: 'public_url',
        message:
          'public_url must be an http or https address without a path, such as https://pay.example.com.',
      },
    ]
  }
  if (mode !== 'live' || url.protocol === 'https:') return []
  return [
    {
      param: 'public_url',
      message: 'public_url must be https: Stripe delivers live events to nothing else.',
    },
  ]
}
