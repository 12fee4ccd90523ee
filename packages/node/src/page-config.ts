/** What the server tells of the app: asked once, and again after a failure. */
import type { ServerApi } from './server-api.ts'

/** The answer of GET /v1/config. */
export interface PageConfig {
  readonly object: 'config'
  readonly app_id: string
  readonly mode: 'sandbox' | 'test' | 'live'
  readonly livemode: boolean
  readonly publishable_key: string
  readonly stripe_js_url: string
  /** The app's own currency, lower case. */
  readonly currency: string
  readonly captcha: { readonly provider: string; readonly site_key: string } | null
}

export interface PageConfigLoader {
  /** null until loaded. */
  loaded(): PageConfig | null
  /** @throws StripeApiError, such as `app_not_activated` */
  load(): Promise<PageConfig>
}

export function createPageConfigLoader(api: Pick<ServerApi, 'call'>): PageConfigLoader {
  let config: PageConfig | null = null
  let loading: Promise<PageConfig> | null = null

  async function fetchOnce(): Promise<PageConfig> {
    try {
      const { body } = await api.call({ method: 'GET', path: '/v1/config' })
      config = Object.freeze(body as PageConfig)
      return config
    } finally {
      loading = null
    }
  }

  return {
    loaded: () => config,
    async load() {
      if (config !== null) return config
      loading ??= fetchOnce()
      return loading
    },
  }
}
