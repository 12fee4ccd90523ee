/** Where an app asks for a captcha, the page shows it and the request is sent again with its answer. */
import type { PageConfig } from '../page-config.ts'
import type { TollbridgeError } from '../tollbridge-error.ts'

export interface CaptchaChallenge {
  /** `turnstile` or `hcaptcha` */
  readonly provider: string
  readonly site_key: string
  /** Inside of the open form, where it can be seen and reached; null while there is no form. */
  readonly container: HTMLElement | null
}

/** Shows the captcha, and resolves with what it answers. Rejects when the shopper gives up. */
export type OnCaptcha = (captcha: CaptchaChallenge) => Promise<string>

export interface CaptchaOptions {
  /** An answer that the page has already. */
  readonly captcha?: string | undefined
  readonly onCaptcha?: OnCaptcha | undefined
}

/** An answer counts once, so a wrong or an old one is asked for again, but not for ever. */
const MOST_ANSWERS = 3

/**
 * Makes `ask` with the captcha's answer once the server wants one.
 * @param show brings the challenge to the page's hook
 */
export function createCaptchaGate(
  { captcha, onCaptcha }: CaptchaOptions,
  ready: () => Promise<PageConfig>,
  show: (hook: (container: HTMLElement | null) => Promise<string>) => Promise<string> = (hook) => hook(null),
) {
  let answer = captcha
  return async <T>(ask: (body: { captcha?: string }) => Promise<T>): Promise<T> => {
    for (let asked = 0; ; asked++) {
      try {
        const once = answer
        answer = undefined
        return await ask(once === undefined ? {} : { captcha: once })
      } catch (error) {
        const { code } = error as TollbridgeError
        const isWanted = code === 'captcha_required' || code === 'captcha_failed'
        if (!isWanted || !onCaptcha || asked === MOST_ANSWERS) throw error
        const widget = (await ready()).captcha
        if (widget === null) throw error
        answer = await show((container) => onCaptcha({ ...widget, container })).catch(() => {
          throw error
        })
      }
    }
  }
}
