/** Asks Cloudflare Turnstile or hCaptcha whether a payer has solved the captcha. */
import type { Config } from '../config.ts'
import { ServiceError } from '../errors.ts'
import type { Log } from '../log.ts'
import { describeOutboundFailure, type Outbound } from '../outbound/create-outbound.ts'

export interface Captcha {
  /** After so many failed attempts of an address the payer is asked; 0: always. */
  readonly afterFailures: number
  /** What the page needs to show the captcha. */
  readonly widget: { readonly provider: 'turnstile' | 'hcaptcha'; readonly site_key: string }
  /** Throws `captcha_failed` for a wrong answer and `captcha_unavailable` when nobody could say. */
  verify(answer: string, address: string | null): Promise<void>
}

export type CaptchaSettings = Pick<
  Config,
  | 'CAPTCHA_PROVIDER'
  | 'CAPTCHA_SITE_KEY'
  | 'CAPTCHA_SECRET'
  | 'CAPTCHA_AFTER_FAILURES'
  | 'CAPTCHA_API_BASE'
  | 'CAPTCHA_TIMEOUT_SECONDS'
>

export interface CaptchaDeps {
  readonly outbound: Outbound
  readonly log: Log
}

const SERVICES = {
  turnstile: { origin: 'https://challenges.cloudflare.com', path: '/turnstile/v0/siteverify' },
  hcaptcha: { origin: 'https://api.hcaptcha.com', path: '/siteverify' },
} as const

const LONGEST_ANSWER = 8_192
/** Our own secret or site key is wrong: no payer can do anything about it. */
const OPERATOR_FAULT = /secret|sitekey|bad-request|internal-error/

/** @returns null while no provider is set. */
export function createCaptcha(settings: CaptchaSettings, deps: CaptchaDeps): Captcha | null {
  const { log } = deps
  const { CAPTCHA_PROVIDER: provider, CAPTCHA_SITE_KEY: siteKey, CAPTCHA_SECRET: secret } = settings
  if (provider === 'off' || siteKey === undefined || secret === undefined) return null
  const { origin, path } = SERVICES[provider]
  const url = (settings.CAPTCHA_API_BASE ?? origin) + path
  return {
    afterFailures: settings.CAPTCHA_AFTER_FAILURES,
    widget: { provider, site_key: siteKey },
    async verify(answer, address) {
      if (answer.length > LONGEST_ANSWER) throw failed()
      const form = new URLSearchParams({ secret, response: answer, sitekey: siteKey })
      if (address !== null) form.set('remoteip', address)
      const timeoutMs = settings.CAPTCHA_TIMEOUT_SECONDS * 1000
      const verdict = await ask(deps, { url, form, timeoutMs }).catch((error: unknown) => {
        log.error({ err: error, provider }, 'The captcha service did not answer')
        throw unavailable()
      })
      if (verdict.success) return
      if (!verdict.errors.some((code) => OPERATOR_FAULT.test(code))) throw failed()
      log.error({ provider, errors: verdict.errors }, 'The captcha service refuses the keys of this server')
      throw unavailable()
    },
  }
}

interface Verdict {
  readonly success: boolean
  readonly errors: readonly string[]
}

async function ask(
  { outbound }: CaptchaDeps,
  {
    url,
    form,
    timeoutMs,
  }: { readonly url: string; readonly form: URLSearchParams; readonly timeoutMs: number },
): Promise<Verdict> {
  const answer = await outbound.send({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
    onBehalfOf: 'operator',
    timeoutMs,
  })
  if (answer.outcome !== 'answered') {
    throw new Error(`The captcha service cannot be asked: ${describeOutboundFailure(answer)}`)
  }
  const body = JSON.parse(answer.body.toString('utf8')) as {
    success?: unknown
    'error-codes'?: unknown
  } | null
  if (typeof body?.success !== 'boolean') throw new Error(`It answered ${answer.status} without a verdict`)
  const codes = body['error-codes']
  return { success: body.success, errors: Array.isArray(codes) ? codes.map(String) : [] }
}

function failed(): ServiceError {
  return new ServiceError('captcha_failed', {
    message: 'The captcha answer is wrong, used or expired; show the captcha again and send the new answer.',
    param: 'captcha',
  })
}

function unavailable(): ServiceError {
  return new ServiceError('captcha_unavailable', {
    message: 'The captcha could not be checked, so nothing was charged; repeat the request in a moment.',
    param: 'captcha',
    retryAfterSeconds: 5,
  })
}
