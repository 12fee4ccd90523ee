/** What the server tells a page about its app: GET /v1/config, asked once, and again after a failure. */
import type { PageApi } from './page-api.ts'
import { misuse } from './tollbridge-error.ts'

export interface PageConfig {
  readonly object: 'config'
  readonly app_id: string
  readonly mode: 'sandbox' | 'test' | 'live'
  readonly livemode: boolean
  readonly publishable_key: string
  readonly stripe_js_url: string
  /** Lowercase ISO code: what the app charges in unless a request says otherwise. */
  readonly currency: string
  readonly captcha: { readonly provider: string; readonly site_key: string } | null
}

/** A connection that is half open would keep a form loading for ever. */
const ANSWER_MS = 20_000

/** @returns a function whose promise is the same until it fails. */
export function createConfigReader(
  api: Pick<PageApi, 'request'>,
  appId: string | undefined,
): () => Promise<PageConfig> {
  let reading: Promise<PageConfig> | undefined
  return () => {
    reading ??= read().catch((error) => {
      reading = undefined
      throw error
    })
    return reading
  }

  async function read(): Promise<PageConfig> {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const config = await api.request<PageConfig>('GET', '/v1/config', { signal })
    if (appId !== undefined && config.app_id !== appId) {
      throw misuse('app_mismatch', `The client key is of the app ${config.app_id}, not of ${appId}.`, 'appId')
    }
    return config
  }
}
